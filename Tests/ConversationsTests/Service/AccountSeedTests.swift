import Foundation
import Testing

@testable import Conversations

@Suite("The directory file's channel accounts")
struct AccountSeedTests {
    private static func read(_ account: String) throws -> [AccountSeed] {
        try AccountSeed.read(
            json: Data(
                """
                {"tenants": [{
                    "id": "0198c0de-0000-7000-8000-000000000001",
                    "channelAccounts": [{"id": "0198c0de-0000-7000-8000-000000000002", \(account)}]
                }]}
                """.utf8))
    }

    @Test("C3: the account's name and the channel's own are each what the file says")
    func names() throws {
        let seed = try #require(try Self.read(#""kind": "other", "name": "Lisbon", "channelName": "SMS""#).first)
        #expect(seed.name == "Lisbon" && seed.channelName == "SMS" && seed.rules.channelName == "SMS")
        let chat = try #require(
            try Self.read(#""kind": "webchat", "name": "Web chat", "widgetKey": "wk", "allowedOrigins": ["http://a"]"#).first)
        #expect(
            chat.name == "Web chat" && chat.channelName == "" && chat.widgetKey == "wk" && chat.allowedOrigins == ["http://a"])
    }

    @Test(
        "what does not go together is refused, and the account named",
        arguments: [
            #""kind": "other", "name": "Lisbon""#, #""kind": "facebook", "name": "Page", "channelName": "SMS""#,
            #""kind": "webchat", "name": "Web chat""#, #""kind": "facebook", "name": "Page", "widgetKey": "wk""#,
            #""kind": "fax", "name": "Fax""#,
            #""kind": "facebook", "name": "Page", "botMethod": "sometimes""#,
        ])
    func refused(_ account: String) {
        #expect { try Self.read(account) } throws: { "\($0)".contains("0198c0de-0000-7000-8000-000000000002") }
    }
}
