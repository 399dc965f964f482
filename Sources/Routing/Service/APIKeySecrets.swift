import Crypto
import FoundationEssentials
import ServiceRuntime
import WallTime

/// The texts of API keys: `sk_<id>_<secret>`. The secret is 32 bytes that only the service's own key and the key's id make,
/// so that a request repeated can be told it again though nothing but its hash is stored.
struct APIKeySecrets: Sendable {
    static let secretBytes = 32
    static let tokenLifetime: Duration = .seconds(300)
    /// `sk_`, an id, `_`, 32 bytes in base64url.
    static let textBytesMax = 200

    private let key: SymmetricKey?
    private let credentials: ServiceCredentials
    private let audience: String

    init(credentials: ServiceCredentials, audience: String) {
        key = credentials.secret(for: "api keys").map { SymmetricKey(data: $0) }
        self.credentials = credentials
        self.audience = audience
    }

    func secret(of id: APIKeyID) throws(Failure) -> [UInt8] {
        guard let key else { throw Failure(.internal, reason: "NO_SERVICE_KEY", "this process has no service key") }
        return Array(HMAC<SHA256>.authenticationCode(for: Array(id.description.utf8), using: key))
    }

    func text(of id: APIKeyID) throws(Failure) -> String { "sk_\(id)_\(Base64URL.encode(try secret(of: id)))" }

    static func hash(_ secret: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: secret)) }

    /// - Returns: `nil` for what has not the form of a key.
    static func parse(_ text: String) -> (id: APIKeyID, secret: [UInt8])? {
        guard text.utf8.count <= textBytesMax else { return nil }
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "sk", let id = APIKeyID(String(parts[1])), "\(id)" == parts[1],
            let secret = Base64URL.decode(parts[2]), secret.count == secretBytes
        else { return nil }
        return (id, secret)
    }

    /// A token that speaks for the key's holder from now on.
    func token(for key: APIKey, tenantID: UUID, at now: Instant) async throws -> (token: String, expires: Instant) {
        let expires = now.advanced(by: Self.tokenLifetime)
        let claims = TokenClaims(
            issuer: credentials.service, audience: [audience], subject: key.id.description, kind: .integrator,
            tenantID: tenantID, name: key.name, permissions: key.permissions.map(\.rawValue), issued: now, expires: expires)
        return (try await credentials.sign(claims), expires)
    }
}
