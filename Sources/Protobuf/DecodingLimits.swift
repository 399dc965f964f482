/// How much a message from outside may ask for before it is refused. The pre-scan holds all of them.
public struct DecodingLimits: Sendable, Hashable {
    /// The longest message, in bytes.
    public var messageBytesMax: Int
    /// The deepest nesting; the message itself is at depth 1.
    public var depthMax: Int
    /// The most fields in the message and all messages inside, repeated ones counted each time.
    public var fieldsMax: Int
    /// The most memory protobuf-c may take for one message, in bytes.
    public var arenaBytesMax: Int
    /// Whether text may hold U+0000. PostgreSQL's text cannot, and much C code cuts there.
    public var allowsNUL: Bool

    public init(
        messageBytesMax: Int = 4 << 20, depthMax: Int = 100, fieldsMax: Int = 100_000, arenaBytesMax: Int = 64 << 20,
        allowsNUL: Bool = false
    ) {
        self.messageBytesMax = messageBytesMax
        self.depthMax = depthMax
        self.fieldsMax = fieldsMax
        self.arenaBytesMax = arenaBytesMax
        self.allowsNUL = allowsNUL
    }

    public static let `default` = DecodingLimits()
}
