import Crypto
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What a web-chat visitor carries: a token that brings him back for months, and short-lived ones that his calls carry.
struct VisitorTokens: Sendable {
    static let accessLifetime: Duration = .seconds(15 * 60)
    static let ticketLifetime: Duration = .seconds(60)
    private static let tagBytes = 16

    var credentials: ServiceCredentials
    /// Audience of the tokens that services take.
    var audience: String

    // MARK: - For the device

    /// The visitor's id and a tag over it under the account's secret. It holds no authority but to be this visitor.
    func visitorToken(_ visitor: UUID, secret: [UInt8]) -> String {
        let id = Self.bytes(visitor)
        return Base64URL.encode(id + Self.tag(id, secret))
    }

    /// - Returns: `nil` for what this account has not given out.
    func visitor(_ token: String, secret: [UInt8]) -> UUID? {
        guard token.utf8.count <= 64, let bytes = Base64URL.decode(token), bytes.count == 16 + Self.tagBytes else { return nil }
        let id = Array(bytes.prefix(16))
        guard constantTimeEqual(Self.tag(id, secret), Array(bytes.dropFirst(16))) else { return nil }
        return id.withUnsafeBufferPointer { b in
            UUID(uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
        }
    }

    /// Whether the page's server vouches for its user: hex HMAC-SHA256 of his id (CHANNELS 6).
    func isVerified(userID: String, hash: String, secret: String) -> Bool {
        let expected = HMAC<SHA256>.authenticationCode(for: Array(userID.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return constantTimeEqual(Array(Self.hex(expected).utf8), Array(hash.lowercased().utf8))
    }

    // MARK: - For calls

    /// A token that speaks for the visitor on one account and for pages of one origin, until `lifetime` has passed by the
    /// machine's clock.
    func signed(_ visitor: UUID, account: UUID, origin: String, tenantID: UUID, lifetime: Duration) async throws -> (
        token: String, expires: Instant
    ) {
        let now = Instant.now
        let expires = now.advanced(by: lifetime)
        let claims = TokenClaims(
            issuer: credentials.service, audience: [audience], subject: visitor.text, kind: .visitor, tenantID: tenantID,
            visitorID: visitor.text, accountID: account.text, origin: origin.isEmpty ? nil : origin, issued: now, expires: expires
        )
        return (try await credentials.sign(claims), expires)
    }

    // MARK: -

    private static func tag(_ id: [UInt8], _ secret: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: id, using: SymmetricKey(data: secret)).prefix(tagBytes))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ id: UUID) -> [UInt8] {
        let u = id.uuid
        return [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
    }
}

/// The key under which a visitor's message is taken once: his id, and his widget's id of it.
enum VisitorMessageID {
    static func key(_ visitor: UUID, _ clientID: String) -> String { "\(visitor.text):\(clientID)" }

    static func clientID(of key: String) -> String { String(key.drop { $0 != ":" }.dropFirst()) }
}
