import FoundationEssentials

/// Collects what is wrong with a request, so that the caller learns all of it at once.
package struct Violations: Sendable {
    package private(set) var found: [Failure.FieldViolation] = []

    package init() {}

    package mutating func add(_ field: String, _ description: String, reason: String = "") {
        found.append(.init(field, description, reason: reason))
    }

    package mutating func require(_ condition: Bool, _ field: String, _ description: String, reason: String = "") {
        if !condition { add(field, description, reason: reason) }
    }

    /// A text within its bounds, counted in Unicode scalars.
    @discardableResult
    package mutating func text(_ value: String, _ field: String, _ length: ClosedRange<Int>) -> String {
        let count = value.unicodeScalars.count
        if count == 0, length.lowerBound > 0 {
            add(field, "is required", reason: "REQUIRED")
        } else if !length.contains(count) {
            add(field, "has \(count) characters, allowed are \(length.lowerBound) to \(length.upperBound)", reason: "LENGTH")
        }
        return value
    }

    /// An id of ours. Where it is malformed the answer is a placeholder, and `check` will throw.
    package mutating func id(_ value: String, _ field: String) -> UUID {
        if value.isEmpty {
            add(field, "is required", reason: "REQUIRED")
        } else if let id = UUID(id: value) {
            return id
        } else {
            add(field, "is not an id", reason: "MALFORMED")
        }
        return UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    }

    /// An id that may be left out.
    package mutating func optionalID(_ value: String, _ field: String) -> UUID? {
        value.isEmpty ? nil : id(value, field)
    }

    /// Ids of ours, at most so many of them.
    package mutating func ids(_ values: [String], _ field: String, max: Int) -> [UUID] {
        count(values, field, max: max)
        return values.prefix(max).enumerated().map { id($1, "\(field)[\($0)]") }
    }

    /// Words of an enumeration of the contract, at most so many, each of which must be one that we know.
    /// - Parameter read: nil for one that we do not know.
    package mutating func known<Wire, Word>(_ wire: [Wire], _ field: String, max: Int, _ read: (Wire) -> Word?) -> [Word] {
        count(wire, field, max: max)
        return wire.prefix(max).enumerated().compactMap { index, word in
            let known = read(word)
            if known == nil { add("\(field)[\(index)]", "is unknown") }
            return known
        }
    }

    /// At most so many elements.
    package mutating func count(_ values: some Collection, _ field: String, max: Int) {
        require(values.count <= max, field, "has \(values.count) elements, allowed are \(max)", reason: "COUNT")
    }

    /// - Throws: INVALID_ARGUMENT with every violation, if there is any.
    package func check() throws(Failure) {
        guard found.isEmpty else { throw .invalid(found) }
    }
}
