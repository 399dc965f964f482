import FoundationEssentials
import JWTKit
import Logging
import Synchronization
import WallTime

/// Judges tokens: header, signature, issuer, audience, times, in this order (DESIGN.md 9).
package final class TokenVerifier: Sendable {
    /// The difference of clocks that is forgiven.
    static let leeway: Duration = .seconds(60)

    /// One who signs tokens that we take.
    package struct Issuer: Sendable {
        package var keys: KeySource
        /// What the token's audience must contain.
        package var audience: String
        /// Which kinds of principals it may speak for.
        package var kinds: Set<Principal.Kind>
        /// For our services: the key's id must be the issuer's name, so that none speaks for another.
        package var keyIDIsIssuer: Bool

        package init(keys: KeySource, audience: String, kinds: Set<Principal.Kind>, keyIDIsIssuer: Bool = false) {
            self.keys = keys
            self.audience = audience
            self.kinds = kinds
            self.keyIDIsIssuer = keyIDIsIssuer
        }
    }

    private let service: String
    private let audience: String
    private let persons: [String: Issuer]
    private let services: KeySource?
    private let offload: OffloadPool
    private let now: @Sendable () -> Instant
    private let verified = Mutex(VerifiedTokens())

    /// - Parameters:
    ///   - service: the own name: audience of service tokens.
    ///   - audience: that of everyone else's tokens.
    ///   - persons: trusted issuers by their `iss`.
    ///   - services: the public keys of all services; `kid` is the service's name.
    package init(
        service: String, audience: String, persons: [String: Issuer], services: KeySource?, offload: OffloadPool,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.service = service
        self.audience = audience
        self.persons = persons
        self.services = services
        self.offload = offload
        self.now = now
    }

    /// The principal whom the token speaks for.
    package func verify(_ token: String) async throws(TokenRefusal) -> Principal {
        if let caller = remembered(token) { return caller.principal }
        return try await judge(token, rememberAs: token).principal
    }

    /// The caller whom the value of `authorization` speaks for: the scheme's name in upper or lower case, one blank, the token.
    /// Source: RFC 6750, 2.1; RFC 9110, 11.1.
    func caller(of credentials: String) async throws(TokenRefusal) -> VerifiedCaller {
        // By the value as it came: a connection's calls bring the same one, which costs nothing to compare.
        if let caller = remembered(credentials) { return caller }
        guard credentials.utf8.prefix(7).elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 }) else { throw .malformed }
        return try await judge(String(credentials.dropFirst(7)), rememberAs: credentials)
    }

    private func remembered(_ credentials: String) -> VerifiedCaller? {
        let now = now()
        return verified.withLock { $0.caller(credentials, at: now) }
    }

    private func judge(_ token: String, rememberAs credentials: String) async throws(TokenRefusal) -> VerifiedCaller {
        guard token.utf8.count <= TokenHeader.tokenBytesMax else { throw .malformed }
        let now = now()
        let header = try TokenHeader(token)
        let issuer = try issuer(of: header)
        let key = try await issuer.keys.key(header.keyID)
        guard key.algorithm == header.algorithm else { throw .algorithm }
        let claims = try await signedClaims(token, key)
        let caller = VerifiedCaller(try judge(claims, issuer, now), bearer: token)
        verified.withLock { $0.remember(caller, of: credentials, at: now) }
        return caller
    }

    private func issuer(of header: TokenHeader) throws(TokenRefusal) -> Issuer {
        if let person = persons[header.claimedIssuer] { return person }
        guard let services, header.keyID == header.claimedIssuer else { throw .unknownIssuer }
        // A service's token for its own calls is for us alone; those of sessions it has checked are for every service.
        return Issuer(
            keys: services, audience: audience, kinds: Self.kinds(signedBy: header.claimedIssuer), keyIDIsIssuer: true)
    }

    /// Whom a service may speak for, beside itself.
    static func kinds(signedBy service: String) -> Set<Principal.Kind> {
        switch service {
        case "conversations": [.service, .visitor]
        case "routing": [.service, .integrator, .bot]
        default: [.service]
        }
    }

    /// Off the event loop: a signature costs more than a loop may work at a time.
    private func signedClaims(
        _ token: String, _ key: KeySet.Key
    ) async throws(TokenRefusal) -> TokenClaims {
        do {
            return try await offload.run("signature") { try await key.collection.verify(token, as: TokenClaims.self) }
        } catch is DecodingError {
            throw .claims
        } catch {
            throw .signature
        }
    }

    private func judge(_ claims: TokenClaims, _ issuer: Issuer, _ now: Instant) throws(TokenRefusal) -> Principal {
        guard issuer.kinds.contains(claims.kind), !claims.subject.isEmpty else { throw .claims }
        let wanted = claims.kind == .service ? service : issuer.audience
        guard claims.audience.contains(wanted) else { throw .audience }
        guard now < claims.expires.advanced(by: Self.leeway) else { throw .expired }
        if let notBefore = claims.notBefore, now.advanced(by: Self.leeway) < notBefore { throw .notYet }
        return try Principal(claims)
    }
}

extension Principal {
    /// What verified claims say, where they say enough for their kind.
    init(_ claims: TokenClaims) throws(TokenRefusal) {
        var visitor: VisitorScope?
        if claims.kind == .visitor {
            guard let visitorID = claims.visitorID, let accountID = claims.accountID else { throw .claims }
            visitor = VisitorScope(visitorID: visitorID, accountID: accountID, origin: claims.origin ?? "")
        }
        if claims.kind == .service {
            guard claims.subject == claims.issuer, claims.tenantID == nil else { throw .claims }
        } else if claims.tenantID == nil {
            throw .claims
        }
        if claims.kind == .agent, FoundationEssentials.UUID(id: claims.subject) == nil { throw .claims }
        let granted = claims.kind == .agent ? claims.roles : []
        self.init(
            tenantID: claims.tenantID, subject: claims.subject, kind: claims.kind, name: claims.name, roles: granted,
            visitor: visitor, expires: claims.expires)
        guard claims.kind == .integrator || claims.kind == .bot else { return }
        permissions.formUnion(claims.permissions.compactMap(Permission.init(rawValue:)))
    }
}
