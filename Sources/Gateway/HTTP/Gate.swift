import HTTPTypes

/// Who may pass to the services: a verified token, and not too many requests of one principal or address.
struct Gate: Sendable {
    let authenticator: any Authenticating
    /// By tenant and principal.
    let principals: RateLimiter
    /// By address, for calls without a token.
    let addresses: RateLimiter

    /// Throws the problem to answer with.
    func admit(_ exchange: Exchange, isOpen: Bool) async throws {
        if isOpen {
            try take(addresses, exchange.peer)
        } else {
            _ = try await caller(exchange)
        }
    }

    /// The verified caller of a request that needs one.
    func caller(_ exchange: Exchange) async throws -> Caller {
        guard let token = exchange.bearerToken else {
            throw Problem.unauthenticated("Send a token in Authorization: Bearer.", error: nil)
        }
        let caller = try await authenticator.caller(of: token)
        try take(principals, "\(caller.tenantID)/\(caller.subject)")
        return caller
    }

    private func take(_ limiter: RateLimiter, _ key: String) throws {
        if case .refused(let retryAfter) = limiter.take(key) { throw Problem.rateLimited(retryAfter: retryAfter) }
    }
}
