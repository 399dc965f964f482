/// One SQL statement. Its text is written in the source; values enter as parameters and in no other way:
///
/// ```swift
/// try await transaction.query("""
///     select display_name, version
///     from contacts.contact
///     where tenant_id = \(tenantID) and contact_id = \(contactID)
///     """)
/// ```
///
/// A `String` made at run time cannot become SQL: literals are `StaticString`s, and `\(value)` is always `$1`, `$2` and so
/// on. `\(fragment: other)` puts another statement's text in place, its parameters numbered anew; `\(identifier: name)` is
/// for the name of a schema or table that a library is configured with.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Piece: Sendable, Hashable {
        case literal(Literal)
        case identifier(String)
        case parameter
    }

    var pieces: [Piece]
    var parameters: [PostgresParameter]

    package init(stringLiteral value: StaticString) {
        pieces = [.literal(Literal(value))]
        parameters = []
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
        parameters = stringInterpolation.parameters
    }

    /// The text as the server gets it, with `$1`, `$2` ... for the parameters.
    package var text: String {
        if pieces.count == 1, case .literal(let literal) = pieces[0] { return literal.text.description }
        var text = ""
        text.reserveCapacity(256)
        var number = 0
        for piece in pieces {
            switch piece {
            case .literal(let literal):
                literal.text.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
            case .identifier(let name):
                text += "\"\(name)\""
            case .parameter:
                number += 1
                text += "$\(number)"
            }
        }
        return text
    }

    /// Statements joined by a literal, such as `and` between conditions.
    package static func joined(_ fragments: [SQL], by separator: StaticString) -> SQL {
        var joined: SQL = ""
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { joined.pieces.append(.literal(Literal(separator))) }
            joined.pieces += fragment.pieces
            joined.parameters += fragment.parameters
        }
        return joined
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [Piece] = []
        var parameters: [PostgresParameter] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(2 * interpolationCount + 1)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { pieces.append(.literal(Literal(literal))) }
        }

        package mutating func appendInterpolation(_ value: some PostgresEncodable) {
            pieces.append(.parameter)
            parameters.append(value.postgresParameter)
        }

        /// A value that may be null. The overload tells the compiler that the optional is meant.
        package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
            pieces.append(.parameter)
            parameters.append(value.postgresParameter)
        }

        package mutating func appendInterpolation(fragment: SQL) {
            pieces += fragment.pieces
            parameters += fragment.parameters
        }

        /// Lower-case ASCII letters, digits and `_`, at most 63 bytes (PostgreSQL's NAMEDATALEN - 1): anything else is a
        /// programmer's mistake.
        package mutating func appendInterpolation(identifier: String) {
            precondition(SQL.isIdentifier(identifier), "not a plain SQL identifier")
            pieces.append(.identifier(identifier))
        }
    }

    /// A text of the source, known by its place in the program: comparing two costs the same however long they are. The same
    /// words in two places are two literals.
    struct Literal: Sendable, Hashable {
        let text: StaticString

        init(_ text: StaticString) { self.text = text }

        private var place: UInt {
            text.hasPointerRepresentation ? UInt(bitPattern: text.utf8Start) : UInt(text.unicodeScalar.value)
        }

        static func == (a: Literal, b: Literal) -> Bool {
            a.place == b.place && a.text.utf8CodeUnitCount == b.text.utf8CodeUnitCount
        }

        func hash(into hasher: inout Hasher) { hasher.combine(place) }
    }

    static func isIdentifier(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 63, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
