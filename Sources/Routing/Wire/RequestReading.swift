import FoundationEssentials
import GoogleProtobuf
import Protobuf
import RoutingV1
import ServiceRuntime
import WallTime
import WorkingTime

/// Reads a request of the contract as values of the domain, and collects all that is wrong with it.
struct RequestReading {
    var violations = Violations()

    /// Begins with what the contract requires and the request lacks.
    init(_ request: some Message) {
        for field in Self.requiredFields.missing(in: request) { violations.add(field, "is required", reason: "REQUIRED") }
    }

    /// - Throws: INVALID_ARGUMENT naming all that was found wrong, each field once.
    func finish() throws(Failure) {
        var seen: Set<String> = []
        let found = violations.found.filter { seen.insert($0.field).inserted }
        guard found.isEmpty else { throw .invalid(found) }
    }

    mutating func id<Subject>(_ text: String, _ field: String) -> Identifier<Subject> {
        Identifier(violations.id(text, field))
    }

    mutating func optionalID<Subject>(_ text: String, _ field: String) -> Identifier<Subject>? {
        violations.optionalID(text, field).map(Identifier.init)
    }

    mutating func ids<Subject>(_ texts: [String], _ field: String, max: Int) -> [Identifier<Subject>] {
        violations.require(texts.count <= max, field, "must be at most \(max)")
        let ids = texts.prefix(max).enumerated().map { violations.id($1, "\(field)[\($0)]") }
        return Set(ids).sorted().map(Identifier.init)
    }

    /// Words without repetition, in their order.
    mutating func words(_ texts: [String], _ field: String, max: Int, length: ClosedRange<Int> = 1...60) -> [String] {
        violations.require(texts.count <= max, field, "must be at most \(max)")
        var seen: Set<String> = []
        for (index, text) in texts.prefix(max).enumerated() { violations.text(text, "\(field)[\(index)]", length) }
        return texts.prefix(max).filter { seen.insert($0).inserted }
    }

    mutating func permissions(_ names: [String], _ field: String, max: Int = 100) -> [Permission] {
        violations.require(names.count <= max, field, "must be at most \(max)")
        var found: Set<Permission> = []
        for (index, name) in names.prefix(max).enumerated() {
            guard let permission = Permission(rawValue: name) else {
                violations.add("\(field)[\(index)]", "is no permission", reason: "UNKNOWN")
                continue
            }
            found.insert(permission)
        }
        return found.sorted { $0.rawValue < $1.rawValue }
    }

    mutating func timeZone(_ name: String, _ field: String) -> String {
        violations.text(name, field, 0...64)
        guard !name.isEmpty, name.utf8.count <= 64 else { return name }
        do { _ = try ZoneRules(name) } catch { violations.add(field, "\(error)", reason: "UNKNOWN") }
        return name
    }

    mutating func locale(_ tag: String, _ field: String) -> String {
        violations.text(tag, field, 0...35)
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy { (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isLetterOrDigit) }
        violations.require(tag.isEmpty || isTag, field, "must be a language tag, such as pt-BR")
        return tag
    }

    /// Milliseconds; `standard` where it is unset.
    mutating func milliseconds(
        _ duration: GoogleProtobuf.Duration?, _ field: String, _ range: ClosedRange<Swift.Duration>, default standard: Int64
    ) -> Int64 {
        guard let duration else { return standard }
        let value = Swift.Duration(duration)
        guard range.contains(value) else {
            violations.add(field, "must be \(range.lowerBound) to \(range.upperBound)", reason: "RANGE")
            return standard
        }
        let (seconds, attoseconds) = value.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// `nil` for 0, which stands for the default.
    mutating func number(_ value: Int32, _ field: String, _ range: ClosedRange<Int>) -> Int? {
        guard value != 0 else { return nil }
        guard range.contains(Int(value)) else {
            violations.add(field, "must be \(range.lowerBound) to \(range.upperBound), or 0", reason: "RANGE")
            return nil
        }
        return Int(value)
    }

    /// The domain's word for one of the contract's; `standard` for unspecified.
    mutating func word<Wire: Equatable, Word: CaseIterable>(
        _ wire: Wire, _ field: String, unspecified: Wire, default standard: Word, _ spelling: (Word) -> Wire
    ) -> Word {
        if wire == unspecified { return standard }
        guard let word = Word.allCases.first(where: { spelling($0) == wire }) else {
            violations.add(field, "is none of the known values", reason: "UNKNOWN")
            return standard
        }
        return word
    }

    private static let requiredFields: RequiredFields = {
        guard let fields = try? RequiredFields(RoutingServiceDescriptor.service) else {
            preconditionFailure("the contract's own descriptors cannot be read")
        }
        return fields
    }()
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
