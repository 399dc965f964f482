import WallTime

/// The value of a custom attribute.
enum AttributeValue: Sendable, Hashable {
    case text(String)
    /// Always finite.
    case number(Double)
    case flag(Bool)
    case time(Instant)
    case texts([String])

    static let textLengthMax = 2_000
    static let listCountMax = 100
    static let listTextLengthMax = 200
    /// Attributes of one contact.
    static let perContactMax = 100
    static let keyLengthMax = 63

    /// `[a-z][a-z0-9_]{0,62}`.
    static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.count <= keyLengthMax
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    /// What is wrong with the value, if anything.
    var problem: String? {
        switch self {
        case .text(let text) where text.unicodeScalars.contains("\0"):
            "must not contain U+0000"
        case .text(let text):
            text.unicodeScalars.count > Self.textLengthMax ? "must have at most \(Self.textLengthMax) characters" : nil
        case .number(let number):
            number.isFinite ? nil : "must be a finite number"
        case .texts(let texts):
            if texts.count > Self.listCountMax {
                "must have at most \(Self.listCountMax) values"
            } else {
                texts.lazy.compactMap { $0.problem(asLineOf: Self.listTextLengthMax) }.first
            }
        case .flag, .time:
            nil
        }
    }
}

/// In the database an attribute is plain JSON, so that a filter can compare it there; only an instant, for which JSON has no
/// form, is an object: `{"time": microseconds since 1970}`.
extension AttributeValue: Codable {
    private struct Time: Codable {
        let time: Int64
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let texts = try? value.decode([String].self) {
            self = .texts(texts)
        } else {
            self = .time(Instant(microseconds: try value.decode(Time.self).time))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .number(let number): try value.encode(number)
        case .flag(let flag): try value.encode(flag)
        case .time(let instant): try value.encode(Time(time: instant.microseconds))
        case .texts(let texts): try value.encode(texts)
        }
    }
}
