/// One field of a header list. Names are lower-case; pseudo-headers begin with a colon. RFC 9113, section 8.2.
public struct HeaderField: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension Sequence<HeaderField> {
    /// The first value of `name`.
    public func first(named name: String) -> String? {
        first { $0.name == name }?.value
    }
}
