import GRPC
import GoogleProtobuf
import GoogleRPC

extension Problem {
    /// What a service's error is over HTTP, with everything its details say.
    /// - Parameter ifMatchSent: a stale etag is then the failure of the request's own condition.
    init(_ error: RPCError, ifMatchSent: Bool = false) {
        self.init(error.code.httpStatus, error.code, reason: error.code.description, domain: "switchboard", detail: error.message)
        for detail in error.details { read(detail) }
        switch (error.code, reason) {
        case (.aborted, "ETAG_MISMATCH") where ifMatchSent: status = 412
        case (.failedPrecondition, "REQUEST_ID_REUSED"): status = 422
        case (.unauthenticated, _): headers = [("WWW-Authenticate", "Bearer error=\"invalid_token\"")]
        case (.unavailable, _) where retryAfter == nil: retryAfter = .seconds(1)
        case (.unknown, _), (.internal, _), (.dataLoss, _): detail = "Something went wrong here; the request id helps to find it."
        default: break
        }
    }

    private mutating func read(_ detail: GoogleProtobuf.`Any`) {
        switch detail.typeURL.split(separator: "/").last.map(String.init) ?? "" {
        case ErrorInfo.typeName:
            guard let info = try? ErrorInfo(serialized: detail.value) else { return }
            reason = info.reason
            domain = info.domain
            metadata = info.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case BadRequest.typeName:
            let found = (try? BadRequest(serialized: detail.value))?.fieldViolations ?? []
            violations = found.map { Violation(field: $0.field, description: $0.description, reason: $0.reason) }
        case PreconditionFailure.typeName:
            let found = (try? PreconditionFailure(serialized: detail.value))?.violations ?? []
            preconditions = found.map { Precondition(type: $0.type, subject: $0.subject, description: $0.description) }
        case ResourceInfo.typeName:
            guard let info = try? ResourceInfo(serialized: detail.value) else { return }
            resource = Resource(type: info.resourceType, name: info.resourceName, description: info.description)
        case RetryInfo.typeName:
            guard let delay = (try? RetryInfo(serialized: detail.value))?.retryDelay else { return }
            retryAfter = .seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
        default: break
        }
    }
}
