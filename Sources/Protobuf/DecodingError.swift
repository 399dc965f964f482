/// Why bytes are not the message they should be.
public struct DecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// A limit of ``DecodingLimits`` is passed.
        case tooLarge
        /// The bytes break the wire format, or the contract's types.
        case malformed
        /// Text that is not UTF-8, or holds U+0000 where that is not allowed.
        case invalidText
        /// A singular message field that is there twice.
        case duplicateField
    }

    public var reason: Reason
    /// The field, as `message.attachments.name`; empty for the message itself.
    public var path: String
    public var message: String

    public init(_ reason: Reason, path: String, message: String) {
        self.reason = reason
        self.path = path
        self.message = message
    }

    public var description: String {
        path.isEmpty ? message : "\(path): \(message)"
    }
}
