import GoogleProtobuf

/// A call that did not end with OK: what a handler throws and what a caller catches.
public struct RPCError: Error, Sendable, Hashable {
    /// Never `.ok`.
    public var code: StatusCode
    /// For developers, in plain words. Travels percent-encoded in `grpc-message`.
    public var message: String
    /// The details of `google.rpc.Status`, each type at most once. Travel in `grpc-status-details-bin`.
    public var details: [GoogleProtobuf.`Any`]
    /// Trailing metadata: what a handler adds to the answer, what a caller received (without the `grpc-` names).
    public var metadata: Metadata
    /// True when the transport knows that the server never saw the call, so that repeating it is always safe
    /// (REFUSED_STREAM, a stream above GOAWAY's last id, a connection that could not be made).
    package var neverProcessed = false
    /// The bound that the peer passed, where that is the reason.
    var passedLimit: CallLimit?
    /// What the server says about a repetition, beside the client's own policy. Travels as `grpc-retry-pushback-ms`.
    public var retryPushback: RetryPushback?
    /// The field of a message that was refused though the bytes are well formed: text with U+0000 or not in UTF-8, a limit
    /// passed. "" is the message itself; nil for every other error.
    package var refusedField: String?

    public init(
        code: StatusCode, message: String, details: [GoogleProtobuf.`Any`] = [], metadata: Metadata = Metadata()
    ) {
        precondition(code != .ok, "an error's code is not OK")
        self.code = code
        self.message = message
        self.details = details
        self.metadata = metadata
    }

    public static func == (left: RPCError, right: RPCError) -> Bool {
        left.code == right.code && left.message == right.message && left.details == right.details
            && left.metadata == right.metadata
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}

extension RPCError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}

extension RPCError {
    /// RESOURCE_EXHAUSTED because the peer passed a bound.
    init(passed limit: CallLimit, _ message: String) {
        self.init(code: .resourceExhausted, message: message)
        passedLimit = limit
    }
}

/// When a client may send a failed call again, as its server says. gRPC, A6, "Pushback".
public enum RetryPushback: Sendable, Hashable {
    case after(Swift.Duration)
    case never
}

/// An error that knows its gRPC code. A handler may throw it as it is.
public protocol RPCErrorConvertible: Error {
    var rpcError: RPCError { get }
}

extension RPCError: RPCErrorConvertible {
    public var rpcError: RPCError { self }
}

extension RPCError {
    /// The answer for whatever a handler threw. An error without a code becomes UNKNOWN, its text stays inside.
    package init(thrown error: any Error) {
        switch error {
        case let error as RPCError: self = error
        case let error as any RPCErrorConvertible: self = error.rpcError
        case is CancellationError: self = RPCError(code: .cancelled, message: "the call was cancelled")
        default: self = RPCError(code: .unknown, message: "the handler failed without a code")
        }
    }
}
