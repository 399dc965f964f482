import GRPC
import Logging
import NIOHTTP1

extension Problem {
    /// What a caught error becomes. Surroundings that failed are logged whole and sent out bare.
    init(caught error: any Error, logger: Logger, requestID: String) {
        switch error {
        case let problem as Problem: self = problem
        case let error as RPCError: self = Problem(error)
        case let error as BindingError:
            self = .invalid("PARAMETER_INVALID", "The parameter \(error.parameter) \(error.description).", field: error.parameter)
        case let error as HTTPParserError: self = Problem(malformed: error)
        case is CancellationError:
            self = Problem(499, .cancelled, reason: "CANCELLED", detail: "The request was cancelled.")
        default:
            logger.error("request failed", metadata: ["request_id": "\(requestID)", "error": "\(error)"])
            self = Problem(
                500, .internal, reason: "INTERNAL", detail: "Something went wrong here; the request id helps to find it.")
        }
    }

    func answer(accept: Accept, requestID: String) -> Answer {
        let form: Form = accept.names(.json) && !accept.names(.problem) ? .google : .problem
        var headers = [("Content-Type", form.contentType), ("Cache-Control", "no-store")] + headers.map { ($0.name, $0.value) }
        if let retryAfter { headers.append(("Retry-After", String(retryAfter.wholeSeconds))) }
        return Answer(status, headers: headers.map { ($0.0, $0.1) }, body: .bytes(json(form, requestID: requestID).bytes))
    }
}
