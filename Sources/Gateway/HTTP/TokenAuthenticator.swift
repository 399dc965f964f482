import ServiceRuntime

/// Tokens as every service of ours judges them.
struct TokenAuthenticator: Authenticating {
    let verifier: TokenVerifier

    func caller(of token: String) async throws -> Caller {
        do {
            return Caller(try await verifier.verify(token))
        } catch {
            throw Problem(error)
        }
    }

    /// A ticket is a token of its own with a short life; the verifier's clock ends it.
    func caller(ofTicket ticket: String) async throws -> Caller { try await caller(of: ticket) }
}

extension Caller {
    init(_ principal: Principal) {
        let kind: Kind =
            switch principal.kind {
            case .agent: .agent
            case .visitor: .visitor
            case .bot, .integrator, .service: .other
            }
        self.init(
            tenantID: principal.tenantID.map { "\($0)".lowercased() } ?? "",
            subject: principal.subject,
            displayName: principal.name,
            kind: kind,
            roles: principal.roles,
            sight: Sight(principal),
            expiresAt: principal.expires.microseconds / 1_000_000,
            visitorID: principal.visitor?.visitorID ?? "",
            channelAccountID: principal.visitor?.accountID ?? "",
            origin: principal.visitor?.origin ?? ""
        )
    }
}

extension Sight {
    fileprivate init(_ principal: Principal) {
        self = []
        if principal.has(.contactsRead) { insert(.contacts) }
        if principal.has(.ticketsRead) { insert(.tickets) }
        if principal.has(.ticketsInternal) { insert(.internalTickets) }
    }
}

extension Problem {
    init(_ refusal: TokenRefusal) {
        switch refusal {
        case .keysUnavailable:
            self.init(503, .unavailable, reason: "ISSUER_UNAVAILABLE", detail: "The issuer's keys cannot be had just now.")
            retryAfter = .seconds(1)
        case .expired: self = .unauthenticated("The token has expired.", reason: "TOKEN_EXPIRED")
        default: self = .unauthenticated("The token is not valid.", reason: "TOKEN_INVALID")
        }
    }
}
