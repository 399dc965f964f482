import Crypto
import JWTKit
import Synchronization
import WallTime

/// Signs what a service says in its own name: tokens for its own calls, and the tokens of sessions it has checked.
package final class ServiceCredentials: Sendable {
    /// The metadata in which a service names the tenant it works for.
    package static let tenantMetadata = "switchboard-tenant-id"
    /// How long a token for own calls holds. Renewed when a third of it is left.
    package static let lifetime: Duration = .seconds(300)

    package let service: String
    private let keys: JWTKeyCollection?
    private let ready: Mutex<[String: (token: String, renew: Instant)]> = Mutex([:])
    private let now: @Sendable () -> Instant
    private let loading: @Sendable (JWTKeyCollection) async -> Void
    /// What secrets are derived from.
    private let material: SymmetricKey?

    /// - Parameters:
    ///   - service: the issuer, and the key's id.
    ///   - key: the service's private ES256 key as PEM. Nil: the service can make no calls in its own name.
    package init(service: String, key: String?, now: @escaping @Sendable () -> Instant = { .now }) throws {
        self.service = service
        self.now = now
        guard let key else {
            keys = nil
            material = nil
            loading = { _ in }
            return
        }
        let parsed = try ES256PrivateKey(pem: key)
        material = SymmetricKey(data: SHA256.hash(data: Array(key.utf8)))
        keys = JWTKeyCollection()
        loading = { await $0.add(ecdsa: parsed, kid: JWKIdentifier(string: service)) }
    }

    /// A token for calls to `callee`, made once and used until it is nearly over.
    package func token(for callee: String) async throws -> String {
        let now = now()
        if let held = ready.withLock({ $0[callee] }), now < held.renew { return held.token }
        let claims = TokenClaims(
            issuer: service, audience: [callee], subject: service, kind: .service, issued: now,
            expires: now.advanced(by: Self.lifetime))
        let token = try await sign(claims)
        ready.withLock { $0[callee] = (token, now.advanced(by: Self.lifetime * 2 / 3)) }
        return token
    }

    /// 32 bytes that nobody but this service has, for one purpose, the same on all replicas; `nil` without a key. They change
    /// with the key.
    package func secret(for purpose: String) -> [UInt8]? {
        material.map { Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: $0)) }
    }

    /// Signs any claims of this service's, such as a visitor's session that conversations has checked.
    package func sign(_ claims: TokenClaims) async throws -> String {
        guard let keys else {
            throw Failure(.internal, reason: "NO_SERVICE_KEY", "this process has no service key to sign with")
        }
        await loading(keys)
        return try await keys.sign(claims, kid: JWKIdentifier(string: service), header: ["typ": "JWT"])
    }
}
