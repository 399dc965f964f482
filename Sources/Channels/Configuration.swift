import Foundation
import ServiceRuntime

/// What channels reads from its environment, beside what every program reads.
package struct ChannelsConfiguration: Sendable {
    var accounts: ProviderAccounts
    /// What webhooks' secrets are made from.
    var webhookKey: Secret?
    /// Webhooks may go to this host.
    var webhookLoopback: Bool

    static let webhookKeyBytesMin = 32

    static func read(_ reader: inout ConfigurationReader) -> ChannelsConfiguration {
        let path = reader.optionalString(
            "PROVIDERS_FILE", "JSON file of channel accounts, their adapters and where providers answer")
        var accounts = ProviderAccounts()
        if let path {
            do {
                accounts = try ProviderAccounts(json: Data(contentsOf: URL(filePath: path)))
            } catch let error as ProviderAccounts.Malformed {
                reader.problem("PROVIDERS_FILE", "\(path): \(error)")
            } catch {
                reader.problem("PROVIDERS_FILE", "names a file that cannot be read: \(path)")
            }
        }
        let key = reader.secret(
            "WEBHOOK_KEY", "what webhooks' secrets are made from, the same on all replicas; the service's key unless given")
        if let key, key.value.utf8.count < webhookKeyBytesMin {
            reader.problem("WEBHOOK_KEY", "must have at least \(webhookKeyBytesMin) bytes")
        }
        return ChannelsConfiguration(
            accounts: accounts, webhookKey: key,
            webhookLoopback: reader.bool(
                "WEBHOOK_LOOPBACK", default: false,
                "whether webhooks may go to this host: for local use and tests, never in production"))
    }
}
