/// How a call ended, as the trailer `grpc-status` carries it.
///
/// Source: gRPC, "Status codes and their use in gRPC". The numbers are those of `google.rpc.Code`.
public enum StatusCode: Int32, Sendable, Hashable, CaseIterable {
    /// The call succeeded. Never the code of an ``RPCError``.
    case ok = 0
    /// The caller gave up.
    case cancelled = 1
    /// The peer threw something without a code, or answered in a way gRPC has no word for.
    case unknown = 2
    /// The request is wrong whatever the state of the system is.
    case invalidArgument = 3
    /// The deadline passed before the call ended. The effect may have happened.
    case deadlineExceeded = 4
    /// What the request names does not exist, or the caller must not know that it does.
    case notFound = 5
    /// What the request would create exists.
    case alreadyExists = 6
    /// The caller is known and may not do this.
    case permissionDenied = 7
    /// A quota or a bound is used up.
    case resourceExhausted = 8
    /// The state must be mended by the caller before a repetition makes sense.
    case failedPrecondition = 9
    /// A race was lost; the caller may read again and repeat.
    case aborted = 10
    /// Past the valid range, where the range may change.
    case outOfRange = 11
    /// The method is not there, or not on this server.
    case unimplemented = 12
    /// An invariant broke.
    case `internal` = 13
    /// Try again later; the effect may have happened.
    case unavailable = 14
    /// Data was lost or corrupted for good.
    case dataLoss = 15
    /// The caller is not known.
    case unauthenticated = 16
}

extension StatusCode: CustomStringConvertible {
    /// The name in the specification, for example `DEADLINE_EXCEEDED`.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}
