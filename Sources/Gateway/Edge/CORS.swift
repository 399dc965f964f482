/// Which pages of other origins may call us (API.md 10). A preflight carries no credentials and names no tenant: it is
/// answered from the union of all lists. The request itself is held to the list of its tenant or widget.
struct CORS: Sendable {
    /// Exact origins, such as `https://shop.example`.
    var origins: Set<String>

    static let methods = "GET, HEAD, POST, PATCH, DELETE"
    static let allowedHeaders =
        "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, X-File-Name, traceparent"
    static let exposedHeaders = "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id"
    /// Seconds; Chrome caps at this.
    static let maxAge = "7200"

    init(origins: Set<String>) { self.origins = origins }

    /// Headers of the answer to a preflight; nil when the origin is on no list.
    func preflight(origin: String) -> [(String, String)]? {
        guard origins.contains(origin) else { return nil }
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Methods", Self.methods),
            ("Access-Control-Allow-Headers", Self.allowedHeaders),
            ("Access-Control-Max-Age", Self.maxAge),
            ("Vary", "Origin"),
        ]
    }

    /// Headers of an answer to a request from a page of `origin`.
    func headers(origin: String?) -> [(String, String)] {
        guard let origin, origins.contains(origin) else { return [("Vary", "Origin")] }
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", Self.exposedHeaders),
            ("Vary", "Origin"),
        ]
    }
}
