import Crypto
import FoundationEssentials
import WallTime

/// What a receiver checks: when it was signed, and one signature per secret that is good now, over time and raw body.
struct WebhookSignature: Sendable {
    static let header = "Switchboard-Signature"

    let value: String

    /// `t=<Unix seconds>,v1=<hex>`, and once more `,v1=<hex>` while a secret is being replaced.
    init(_ body: [UInt8], secrets: [String], at time: Instant) {
        let seconds = time.microseconds / 1_000_000
        let signed = Array("\(seconds).".utf8) + body
        let signatures = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array(secret.utf8)))
            return "v1=" + code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
        value = (["t=\(seconds)"] + signatures).joined(separator: ",")
    }
}
