import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("Channel accounts are changed")
struct ChannelAccountUpdateTests {
    @Test(
        "C28: name, department, rules and origins change by the mask, one rule alone too; everything else stays; etag guards it")
    func C28_accountsAreChanged() async throws {
        try await withInbox { inbox, tenant in
            let before = try await inbox.account(tenant.webchat, tenant)
            var wanted = ConversationsV1.ChannelAccount(
                channelAccountID: tenant.webchat.text, etag: before.etag, displayName: "Shop", departmentID: tenant.support.text,
                rules: .init(textMax: 7))
            let request = UpdateChannelAccountRequest(
                channelAccount: wanted, updateMask: .init(paths: ["display_name", "department_id", "rules.text_max"]),
                requestID: UUID().text)
            let after = try #require(try await inbox.change(request, tenant).channelAccount)
            var expected = before
            (expected.displayName, expected.departmentID) = ("Shop", tenant.support.text)
            expected.rules?.textMax = 7
            (expected.etag, expected.updateTime) = (after.etag, after.updateTime)
            #expect(after == expected && after.etag != before.etag)
            #expect(try await inbox.change(request, tenant).channelAccount == after, "the same request again is the same answer")
            #expect(try await inbox.account(tenant.webchat, tenant) == after)
            // What a customer writes now goes by the new department, and what he may write by the new rule.
            let row = try await inbox.customer("v1", of: tenant).conversation!
            #expect(row.departmentID == tenant.support.text)
            let refused = await reason {
                try await inbox.send("much too long", in: row.conversationID, by: tenant.bob, of: tenant, accept: true)
            }
            #expect(refused == "TEXT_TOO_LONG")

            wanted.displayName = "Other"
            #expect(
                await reason {
                    try await inbox.change(
                        .init(channelAccount: wanted, updateMask: .init(paths: ["display_name"]), requestID: UUID().text), tenant)
                } == "ETAG_MISMATCH")
            wanted = .init(channelAccountID: tenant.webchat.text, widget: .init(allowedOrigins: ["https://new.example"]))
            let origins = try await inbox.change(.init(channelAccount: wanted, requestID: UUID().text), tenant).channelAccount
            #expect(origins?.widget?.allowedOrigins == ["https://new.example"] && origins?.displayName == "Shop")
            #expect(origins?.widget?.widgetKey == tenant.widgetKey && origins?.widget?.identitySecret == "")
        }
    }

    @Test("C28: what no account may have is refused, and what is not the tenant's is not found")
    func C28_refusals() async throws {
        try await withInbox { inbox, tenant in
            let cases: [(String, ConversationsV1.ChannelAccount, [String], String)] = [
                ("name", .init(), ["display_name"], "INVALID_FIELD"),
                ("path", .init(), ["kind"], "UPDATE_MASK_INVALID"),
                ("rule", .init(), ["rules.nothing"], "UPDATE_MASK_INVALID"),
                ("weight", .init(rules: .init(weight: 101)), ["rules.weight"], "INVALID_FIELD"),
                ("window", .init(rules: .init(replyWindow: .init(seconds: 1))), ["rules.reply_window"], "INVALID_FIELD"),
                ("department", .init(departmentID: UUID().text), ["department_id"], "DEPARTMENT_NOT_FOUND"),
                ("origin", .init(widget: .init(allowedOrigins: ["shop"])), ["widget.allowed_origins"], "INVALID_FIELD"),
            ]
            for (name, account, paths, expected) in cases {
                var account = account
                account.channelAccountID = tenant.webchat.text
                let request = UpdateChannelAccountRequest(
                    channelAccount: account, updateMask: .init(paths: paths), requestID: UUID().text)
                #expect(await reason { try await inbox.change(request, tenant) } == expected, "\(name)")
            }
            let widget = UpdateChannelAccountRequest(
                channelAccount: .init(
                    channelAccountID: tenant.whatsapp.text, widget: .init(allowedOrigins: ["https://a.example"])),
                requestID: UUID().text)
            #expect(await reason { try await inbox.change(widget, tenant) } == "INVALID_FIELD")
            for id in [UUID().text, Tenant(2).webchat.text] {
                let request = UpdateChannelAccountRequest(
                    channelAccount: .init(channelAccountID: id, displayName: "x"), requestID: UUID().text)
                #expect(await reason { try await inbox.change(request, tenant) } == "CHANNEL_ACCOUNT_NOT_FOUND")
            }
        }
    }

    @Test("C28, C1: a conversation under way goes by the new window at once")
    func C28_newWindow() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("+5511911111111", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            try inbox.advance(.seconds(3_600))
            _ = try await inbox.change(
                UpdateChannelAccountRequest(
                    channelAccount: .init(
                        channelAccountID: tenant.whatsapp.text, rules: .init(replyWindow: .init(seconds: 1_800))),
                    updateMask: .init(paths: ["rules.reply_window"]), requestID: UUID().text), tenant)
            while try await TimerWorker(surroundings: inbox.surroundings).fireDue() > 0 {}
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).stateReason == .window)
        }
    }
}

extension Inbox {
    fileprivate func change(_ request: UpdateChannelAccountRequest, _ tenant: Tenant) async throws -> UpdateChannelAccountResponse
    {
        try await accounts.updateChannelAccount(
            request, by(tenant.admin, of: tenant, ChannelAccountsServiceDescriptor.updateChannelAccount))
    }

    fileprivate func account(_ id: UUID, _ tenant: Tenant) async throws -> ConversationsV1.ChannelAccount {
        try #require(
            try await accounts.getChannelAccount(
                GetChannelAccountRequest(channelAccountID: id.text),
                by(tenant.admin, of: tenant, ChannelAccountsServiceDescriptor.getChannelAccount)
            ).channelAccount)
    }
}
