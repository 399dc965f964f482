import Crypto
import FoundationEssentials
import ServiceRuntime

/// The secrets of webhooks: `whsec_` and 32 bytes that only the service's own key, the webhook's id and the secret's number
/// make. So nothing of them is stored, a request repeated can be told the secret again, and every replica signs alike.
struct WebhookSecrets: Sendable {
    private let key: SymmetricKey?

    /// - Parameter key: known to all replicas and kept: with another one every secret is another.
    init(key: [UInt8]?) { self.key = key.map { SymmetricKey(data: $0) } }

    func secret(_ number: Int, of webhookID: UUID, tenantID: UUID) throws(Failure) -> String {
        guard let key else { throw Failure(.internal, reason: "NO_SERVICE_KEY", "this process has no key for webhooks") }
        let name = Array("webhook/\(tenantID.text)/\(webhookID.text)/\(number)".utf8)
        return "whsec_" + Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: name, using: key)))
    }
}
