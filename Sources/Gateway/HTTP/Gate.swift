import HTTPTypes

/// Who may pass to the services: a verified token, and not too many requests of one principal or address.
struct Gate: Sendable {
    let authenticator: any Authenticating
    /// `nil`: API keys are not taken.
    let keys: APIKeyTokens?
    /// By tenant and principal: what only reads, and what may change something.
    let reads: RateLimiter
    let writes: RateLimiter
    /// By address: calls that need no token, and tokens that were refused.
    let addresses: RateLimiter

    init(authenticator: any Authenticating, keys: APIKeyTokens? = nil, principalRate: Int, addressRate: Int) {
        self.authenticator = authenticator
        self.keys = keys
        reads = RateLimiter(.init(name: "read", perMinute: principalRate))
        writes = RateLimiter(.init(name: "write", perMinute: principalRate))
        addresses = RateLimiter(.init(name: "address", perMinute: addressRate))
    }

    /// Throws the problem to answer with.
    func admit(_ exchange: Exchange, isOpen: Bool) async throws {
        if isOpen {
            try take(addresses, exchange.peer, exchange)
        } else {
            _ = try await caller(exchange)
        }
    }

    /// The verified caller of a request that needs one.
    func caller(_ exchange: Exchange) async throws -> Caller {
        try await caller(exchange) {
            guard let token = exchange.bearerToken else {
                throw Problem.unauthenticated("Send a token in Authorization: Bearer.", error: nil)
            }
            guard let keys, token.hasPrefix(APIKeyTokens.prefix) else { return try await authenticator.caller(of: token) }
            let exchanged = try await keys.token(for: token)
            exchange.exchanged.note(exchanged)
            return try await authenticator.caller(of: exchanged)
        }
    }

    /// The caller whom a ticket in the query speaks for.
    func caller(ofTicket ticket: String, _ exchange: Exchange) async throws -> Caller {
        try await caller(exchange) { try await authenticator.caller(ofTicket: ticket) }
    }

    private func caller(_ exchange: Exchange, _ verify: () async throws -> Caller) async throws -> Caller {
        let caller: Caller
        do {
            caller = try await verify()
        } catch {
            try take(addresses, exchange.peer, exchange)
            throw error
        }
        try caller.checkOrigin(of: exchange)
        let limiter = ["GET", "HEAD"].contains(exchange.method) ? reads : writes
        try take(limiter, "\(caller.tenantID)/\(caller.subject)", exchange)
        return caller
    }

    private func take(_ limiter: RateLimiter, _ key: String, _ exchange: Exchange) throws {
        let verdict = limiter.take(key)
        exchange.quota.note(verdict)
        if let retryAfter = verdict.retryAfter { throw Problem.rateLimited(retryAfter: retryAfter) }
    }
}
