/// Why a text is not the ProtoJSON of a message.
public struct JSONDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member, as `message.attachments[2].size`; empty for the text as a whole.
    public var path: String
    public var message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    public var description: String {
        path.isEmpty ? message : "\(path): \(message)"
    }
}

/// Why a message has no ProtoJSON.
public struct JSONEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public init(message: String) {
        self.message = message
    }

    public var description: String { message }
}
