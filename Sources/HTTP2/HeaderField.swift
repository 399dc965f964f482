/// One field of a header list. Names are lower-case; pseudo-headers begin with a colon. RFC 9113, section 8.2.
public struct HeaderField: Sendable, Hashable {
    public let name: String
    public let value: String
    /// Whether the value is another one each time, so that HPACK's table shall not remember it: entries of one name are
    /// compared one after the other.
    public let isFleeting: Bool

    public init(_ name: String, _ value: String, isFleeting: Bool = false) {
        self.name = name
        self.value = value
        self.isFleeting = isFleeting
    }
}

extension [HeaderField] {
    /// The first value of `name`.
    public func first(named name: String) -> String? {
        for index in indices where self[index].name == name { return self[index].value }
        return nil
    }
}
