import GRPC

/// An error as the edge tells it: RFC 9457, or Google's form for who accepts plain JSON only (API.md 10).
struct Problem: Error, Sendable {
    /// HTTP status; it may be finer than what the code maps to (405, 412, 415 ...).
    var status: Int
    var code: StatusCode
    /// `[A-Z][A-Z0-9_]+`: what clients switch on.
    var reason: String
    var domain: String
    var detail: String
    var metadata: [(name: String, value: String)] = []
    var violations: [Violation] = []
    var preconditions: [Precondition] = []
    var resource: Resource?
    /// Whole seconds are sent; less than one becomes one.
    var retryAfter: Duration?
    var headers: [(name: String, value: String)] = []

    struct Violation: Sendable, Hashable {
        var field: String
        var description: String
        var reason: String
    }

    struct Precondition: Sendable, Hashable {
        var type: String
        var subject: String
        var description: String
    }

    struct Resource: Sendable, Hashable {
        var type: String
        var name: String
        var description: String
    }

    /// The domain of the gateway's own errors.
    static let ownDomain = "gateway.switchboard"

    init(_ status: Int, _ code: StatusCode, reason: String, domain: String = ownDomain, detail: String) {
        self.status = status
        self.code = code
        self.reason = reason
        self.domain = domain
        self.detail = detail
    }

    /// "Reply window closed" for REPLY_WINDOW_CLOSED.
    var title: String {
        let words = reason.split(separator: "_").joined(separator: " ").lowercased()
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

// MARK: - What the edge itself refuses

extension Problem {
    static func notFound() -> Problem {
        Problem(404, .notFound, reason: "ROUTE_NOT_FOUND", detail: "There is nothing at this path.")
    }

    static func methodNotAllowed(allow: [String]) -> Problem {
        var problem = Problem(
            405, .unimplemented, reason: "METHOD_NOT_ALLOWED", detail: "This path takes \(allow.joined(separator: ", ")).")
        problem.headers = [("Allow", allow.joined(separator: ", "))]
        return problem
    }

    static func notAcceptable(offers: [MediaType]) -> Problem {
        let types = offers.map(\.description).joined(separator: ", ")
        return Problem(406, .invalidArgument, reason: "NOT_ACCEPTABLE", detail: "The answer can be \(types).")
    }

    static func bodyTooLarge(bytesMax: Int) -> Problem {
        Problem(413, .invalidArgument, reason: "BODY_TOO_LARGE", detail: "The body may hold \(bytesMax) bytes.")
    }

    static func unsupportedMediaType(_ expected: String) -> Problem {
        Problem(415, .invalidArgument, reason: "MEDIA_TYPE_NOT_SUPPORTED", detail: "The body must be \(expected).")
    }

    /// RFC 9110, section 15.5.16: the answer names the codings that would do.
    static func unsupportedContentCoding() -> Problem {
        var problem = unsupportedMediaType("gzip or without Content-Encoding")
        problem.headers = [("Accept-Encoding", "gzip")]
        return problem
    }

    static func preconditionRequired() -> Problem {
        Problem(428, .invalidArgument, reason: "IF_MATCH_REQUIRED", detail: "Send the resource's ETag in If-Match.")
    }

    static func invalid(_ reason: String, _ detail: String, field: String? = nil) -> Problem {
        var problem = Problem(400, .invalidArgument, reason: reason, detail: detail)
        if let field { problem.violations = [Violation(field: field, description: detail, reason: reason)] }
        return problem
    }

    static func unauthenticated(_ detail: String, reason: String = "UNAUTHENTICATED", error: String? = "invalid_token") -> Problem
    {
        var problem = Problem(401, .unauthenticated, reason: reason, detail: detail)
        problem.headers = [("WWW-Authenticate", error.map { "Bearer error=\"\($0)\"" } ?? "Bearer")]
        return problem
    }

    static func forbiddenOrigin() -> Problem {
        Problem(403, .permissionDenied, reason: "ORIGIN_NOT_ALLOWED", detail: "Pages of this origin may not call here.")
    }

    static func rateLimited(retryAfter: Duration) -> Problem {
        var problem = Problem(429, .resourceExhausted, reason: "RATE_LIMITED", detail: "Too many requests; wait and repeat.")
        problem.retryAfter = retryAfter
        return problem
    }

    static func notImplemented(_ detail: String) -> Problem {
        Problem(501, .unimplemented, reason: "NOT_IMPLEMENTED", detail: detail)
    }
}
