import Foundation
import ServiceRuntime

/// Which adapter serves an account, and where its provider answers: `{"accounts": [{"channelAccountId", "adapter":
/// "stand-in", "baseUrl", "token"}]}` in the file that SWITCHBOARD_PROVIDERS_FILE names. An account that is not in it sends
/// nothing: its messages fail with CHANNEL_NOT_CONFIGURED.
struct ProviderAccounts: Sendable {
    private var accounts: [UUID: ProviderAccount] = [:]

    init(_ accounts: [ProviderAccount] = []) {
        for account in accounts { self.accounts[account.channelAccountID] = account }
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    init(json: Data) throws {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: json)
        } catch {
            throw Malformed(description: "is no JSON of provider accounts")
        }
        self.init(
            try file.accounts.map { entry in
                guard let id = UUID(id: entry.channelAccountId) else {
                    throw Malformed(description: "names an account that is no UUID")
                }
                guard let url = URL(string: entry.baseUrl), url.host() != nil, ["http", "https"].contains(url.scheme ?? ""),
                    !entry.baseUrl.hasSuffix("/")
                else { throw Malformed(description: "has no baseUrl for \(id.text), such as https://graph.example") }
                return ProviderAccount(
                    channelAccountID: id, adapter: entry.adapter, baseURL: entry.baseUrl, token: entry.token)
            })
    }

    subscript(id: UUID) -> ProviderAccount? { accounts[id] }

    private struct File: Decodable {
        var accounts: [Entry]

        struct Entry: Decodable {
            var channelAccountId: String
            var adapter: ProviderAccount.Adapter
            var baseUrl: String
            var token: String
        }
    }
}
