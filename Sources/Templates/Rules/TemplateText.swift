/// A text with variables, taken apart: `Hi {{1}}!` is a literal, a variable and a literal.
///
/// One pass over the bytes: none is looked at twice, whatever the text is. What opens with `{{` and is no variable is
/// kept as text and noted.
struct TemplateText: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case literal(String)
        case variable(String)
    }

    private(set) var pieces: [Piece] = []
    /// How often `{{` opens what is no variable.
    private(set) var malformedCount = 0
    /// Bytes looked at: at most those of the text.
    private(set) var steps = 0

    static let nameBytesMax = 64

    init(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        while let piece = scanner.next() {
            // What is no variable is part of the literal around it.
            if case .literal(let more) = piece, case .literal(let text)? = pieces.last {
                pieces[pieces.count - 1] = .literal(text + more)
            } else {
                pieces.append(piece)
            }
        }
        malformedCount = scanner.malformedCount
        steps = scanner.steps
    }

    /// Each variable once, in the order in which they come.
    var variables: [String] {
        var seen: Set<String> = []
        return pieces.compactMap { piece in
            guard case .variable(let name) = piece, seen.insert(name).inserted else { return nil }
            return name
        }
    }

    /// The text with its variables filled in, `nil` as soon as it is longer than so many characters: what has been written by
    /// then is all the work that is done. A variable without a value stands for nothing.
    func expanded(lengthMax: Int, _ value: (String) -> String?) -> String? {
        var (text, length) = ("", 0)
        for piece in pieces {
            let part =
                switch piece {
                case .literal(let literal): literal
                case .variable(let name): value(name) ?? ""
                }
            length += part.unicodeScalars.count
            guard length <= lengthMax else { return nil }
            text += part
        }
        return text
    }
}

extension TemplateText {
    private struct Scanner {
        let bytes: [UInt8]
        var position = 0
        var malformedCount = 0
        var steps = 0

        mutating func next() -> Piece? {
            guard position < bytes.count else { return nil }
            return opens(at: position) ? variable() : literal()
        }

        private func opens(at index: Int) -> Bool {
            index + 1 < bytes.count && bytes[index] == UInt8(ascii: "{") && bytes[index + 1] == UInt8(ascii: "{")
        }

        private mutating func literal() -> Piece {
            let start = position
            repeat { position += 1 } while position < bytes.count && !opens(at: position)
            steps += position - start
            return .literal(String(decoding: bytes[start..<position], as: UTF8.self))
        }

        /// After `{{`. A name that does not end in `}}` is text; it holds no brace, so the next look begins behind it.
        private mutating func variable() -> Piece {
            let start = position
            position += 2
            while position < bytes.count, position - start - 2 < nameBytesMax, bytes[position].isOfName { position += 1 }
            let name = bytes[(start + 2)..<position]
            defer { steps += position - start }
            if !name.isEmpty, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "}"),
                bytes[position + 1] == UInt8(ascii: "}")
            {
                position += 2
                return .variable(String(decoding: name, as: UTF8.self))
            }
            malformedCount += 1
            return .literal(String(decoding: bytes[start..<position], as: UTF8.self))
        }
    }
}

extension UInt8 {
    /// Letters and digits of ASCII, `_` and `.`: which of them a variable may really have is a rule of its own.
    fileprivate var isOfName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
