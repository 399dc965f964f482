import ContactsV1
import ConversationsV1
import Crypto
import Foundation
import GRPC
import ServiceRuntime
import Testing
import Trials

@Suite("CHANNELS 6: who has written to a page's web chat signs in")
struct SignInTests {
    @Test("C36: his contact and the user's become one, with what he has written; it can be undone, and is not done again")
    func C36_signInJoinsContacts() async throws {
        try await Desk.with { desk in
            let chat = try await WebChat(desk)
            let user = try await chat.signIn("user-42")
            let before = try await chat.write("from my desk", as: user)
            let guest = try await chat.signIn(nil)
            let written = try await chat.write("from my phone", as: guest)
            #expect(written.contactID != before.contactID)

            let joined = try await chat.signIn("user-42", token: guest.visitorToken)
            #expect(
                joined.verified && joined.visitorID == guest.visitorID
                    && joined.conversation?.conversationID == written.conversationID)
            // His conversation goes with his address, as after every merge.
            try await eventually { try await desk.get(written.conversationID, by: .operator_).contactID == before.contactID }
            let merges = try await desk.contacts.listMerges(
                ListMergesRequest(contactID: before.contactID), try await desk.by(.operator_, role: "admin")
            ).merges
            #expect(merges.map(\.mergedContactID) == [written.contactID])
            _ = try await chat.signIn("user-42", token: guest.visitorToken)
            #expect(try await desk.get(before.conversationID, by: .operator_).contactID == before.contactID)

            // Somebody finds that they are two people.
            _ = try await desk.contacts.unmergeContacts(
                UnmergeContactsRequest(mergeID: merges[0].mergeID, requestID: UUID().text),
                try await desk.by(.operator_, role: "admin"))
            try await eventually { try await desk.get(written.conversationID, by: .operator_).contactID == written.contactID }
            _ = try await chat.signIn("user-42", token: guest.visitorToken)
            let after = try await desk.contacts.listMerges(
                ListMergesRequest(contactID: before.contactID), try await desk.by(.operator_, role: "admin")
            ).merges
            #expect(after.filter { $0.unmergeTime == nil }.isEmpty)
        }
    }

    @Test("The user's first visit takes over what was written before he signed in")
    func firstVisit() async throws {
        try await Desk.with { desk in
            let chat = try await WebChat(desk)
            let guest = try await chat.signIn(nil)
            let written = try await chat.write("hello", as: guest)
            let known = try await chat.signIn("user-42", token: guest.visitorToken)
            #expect(known.visitorID == guest.visitorID && known.conversation?.conversationID == written.conversationID)
            #expect(try await chat.signIn("user-42").visitorID == guest.visitorID)
        }
    }
}

/// A web-chat account of the desk's tenant, seen by its visitors.
private struct WebChat {
    let desk: Desk
    let widget: WidgetServiceClient
    let account: ConversationsV1.ChannelAccount

    init(_ desk: Desk) async throws {
        self.desk = desk
        let channel = GRPC.Channel(addresses: [try #require(ServerAddress(desk.addresses["conversations"]!))])
        widget = WidgetServiceClient(channel)
        account = try #require(
            try await desk.accounts.createChannelAccount(
                CreateChannelAccountRequest(
                    channelAccount: .init(kind: .webchat, displayName: "Page", departmentID: Desk.departmentID.text),
                    requestID: UUID().text), try await desk.by(.operator_, role: "admin")
            ).channelAccount)
    }

    func signIn(_ userID: String?, token: String = "") async throws -> CreateWidgetSessionResponse {
        let key = SymmetricKey(data: Data(account.widget!.identitySecret.utf8))
        let user = userID.map { id in
            let hash = HMAC<SHA256>.authenticationCode(for: Data(id.utf8), using: key).map { String(format: "%02x", $0) }.joined()
            return WidgetUser(userID: id, hash: hash)
        }
        return try await widget.createWidgetSession(
            CreateWidgetSessionRequest(widgetKey: account.widget!.widgetKey, visitorToken: token, user: user))
    }

    func write(_ text: String, as session: CreateWidgetSessionResponse) async throws -> ConversationsV1.Conversation {
        let sent = try await widget.sendVisitorMessage(
            SendVisitorMessageRequest(clientMessageID: UUID().text, text: text),
            CallOptions(metadata: ["authorization": "Bearer \(session.accessToken)"]))
        return try await desk.get(sent.conversation!.conversationID, by: .operator_)
    }
}
