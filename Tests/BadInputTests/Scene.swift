import ContactsV1
import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import Testing

@testable import Gateway

/// A tenant's things around one call, made for it alone, and whoever calls.
struct Scene: Sendable {
    enum Kind: Sendable {
        /// The tenant, his agents and accounts.
        case bare
        /// A contact with two addresses.
        case contact
        /// A contact who can be written to by e-mail.
        case emailContact
        /// A web-chat conversation in this state; an open one has an answer and a file in it.
        case queued, open, pending, automated
        /// Offered to the agent.
        case offered
        /// Open, with a colleague.
        case colleagues
        /// A visitor's own session, with two messages and a file.
        case visitor
    }

    private(set) var names: [String: String]
    private let place: Place
    private let tenant: People.Tenant
    private var visitorToken = ""

    init(_ kind: Kind, of tenant: People.Tenant = People.own, in place: Place) async throws {
        self.place = place
        self.tenant = tenant
        names = [
            "account": tenant.account.text, "emailAccount": tenant.emailAccount.text, "department": tenant.department.text,
            "agent": tenant.agent.text, "colleague": tenant.colleague.text, "widgetKey": "wk_\(tenant.seed)",
        ]
        switch kind {
        case .bare: break
        case .contact: try await makeContact(["$new", "$new"].map { _ in (.customer, UUID().text) })
        case .emailContact: try await makeContact([(.email, "\(UUID().text)@example.org")])
        case .queued, .open, .pending, .automated, .offered, .colleagues: try await makeConversation(kind)
        case .visitor: try await makeVisitor()
        }
    }

    /// The example with this scene's names in it; `$new` is another word each time.
    func request(_ example: Example) throws -> JSON {
        var text = example.json
        // The longer name first: `$account` is not the beginning of `$accountTag`.
        for (name, value) in names.sorted(by: { $0.key.count > $1.key.count }) {
            text = text.replacing("$\(name)", with: value.replacing("\"", with: "\\\""))
        }
        while let next = text.firstRange(of: "$new") { text.replaceSubrange(next, with: UUID().text) }
        #expect(!text.contains("$"), "\(text)")
        return try JSONParser.parse(Array(text.utf8))
    }

    /// What a caller of this name sends, in the scene's tenant.
    func metadata(_ caller: String, to callee: String) async throws -> Metadata {
        if caller == "visitor", !visitorToken.isEmpty { return ["authorization": "Bearer \(visitorToken)"] }
        if caller == "admin" { return try await place.callers.admin(of: tenant) }
        return try await place.callers.metadata(caller, to: callee, tenant: tenant.id)
    }

    /// The version of the thing that the call is about has moved on.
    func bump() async throws {
        let options = try await options("admin", to: "conversations")
        if let id = names["conversation"] {
            _ = try await conversations.updateConversation(
                UpdateConversationRequest(
                    conversation: Conversation(conversationID: id, labels: [UUID().text]), requestID: UUID().text), options)
        } else if let id = names["contact"] {
            _ = try await contacts.updateContact(
                UpdateContactRequest(contact: Contact(contactID: id, displayName: UUID().text)), options)
        }
    }
}

// MARK: - How things are made

extension Scene {
    private var contacts: ContactsServiceClient { ContactsServiceClient(place.sides[0].channel) }
    private var conversations: ConversationsServiceClient { ConversationsServiceClient(place.sides[1].channel) }

    private func options(_ caller: String, to callee: String) async throws -> CallOptions {
        CallOptions(timeout: .seconds(60), metadata: try await metadata(caller, to: callee))
    }

    private mutating func makeContact(_ addresses: [(ContactsV1.IdentityKind, String)]) async throws {
        let request = CreateContactRequest(
            contact: Contact(displayName: "Ada"),
            identities: addresses.map { ContactsV1.ChannelIdentity(kind: $0.0, address: $0.1) })
        let options = try await options("admin", to: "contacts")
        let contact = try #require(try await contacts.createContact(request, options).contact)
        // A second line of its timeline.
        let changed = try await contacts.updateContact(
            UpdateContactRequest(contact: Contact(contactID: contact.contactID, note: "met at the fair")), options)
        names["contact"] = contact.contactID
        names["contactTag"] = changed.contact?.etag
        names["identity"] = contact.identities.first?.identityID
        names["address"] = addresses[0].1
    }

    private mutating func makeConversation(_ kind: Kind) async throws {
        let received = try await conversations.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: tenant.account.text, providerMessageID: UUID().text, senderAddress: UUID().text, kind: .text,
                text: "hello"), try await options("service:channels", to: "conversations"))
        let id = try #require(received.conversation?.conversationID)
        names["conversation"] = id
        names["contact"] = received.conversation?.contactID
        names["message"] = received.message?.messageID
        let own = try await options("admin", to: "conversations")
        switch kind {
        case .open, .pending:
            _ = try await conversations.accept(AcceptRequest(conversationID: id, requestID: UUID().text), own)
            let sent = try await conversations.sendMessage(
                SendMessageRequest(conversationID: id, requestID: UUID().text, text: "hi"), own)
            names["answer"] = sent.message?.messageID
            names["attachment"] = try await upload(to: id, own)
            if kind == .pending {
                _ = try await conversations.setPending(SetPendingRequest(conversationID: id, requestID: UUID().text), own)
            }
        case .colleagues:
            let colleague = CallOptions(
                timeout: .seconds(60), metadata: try await place.callers.agent(tenant.colleague, of: tenant, role: "agent"))
            _ = try await conversations.accept(AcceptRequest(conversationID: id, requestID: UUID().text), colleague)
        case .automated: try await place.automate(id)
        case .offered:
            _ = try await conversations.assign(
                AssignRequest(conversationID: id, requestID: UUID().text, agentID: tenant.agent.text),
                try await options("service:routing", to: "conversations"))
        default: break
        }
        let now = try await conversations.getConversation(GetConversationRequest(conversationID: id), own)
        names["tag"] = now.conversation?.etag
    }

    private func upload(to conversation: String, _ options: CallOptions) async throws -> String? {
        let header = UploadAttachmentHeader(
            file: AttachmentHeader(mediaType: "text/plain", fileName: "a.txt"), conversationID: conversation,
            requestID: UUID().text)
        let uploaded = try await AttachmentsServiceClient(place.sides[1].channel).uploadAttachment(options) { pieces in
            try await pieces.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadAttachmentRequest(piece: .data(Array("hello".utf8))))
        }
        return uploaded.attachment?.attachmentID
    }

    private mutating func makeVisitor() async throws {
        let widget = WidgetServiceClient(place.sides[1].channel)
        let session = try await widget.createWidgetSession(
            CreateWidgetSessionRequest(widgetKey: "wk_\(tenant.seed)"), CallOptions(timeout: .seconds(60)))
        visitorToken = session.accessToken
        names["visitor"] = session.visitorID
        let options = try await options("visitor", to: "conversations")
        for text in ["hello", "anybody?"] {
            let sent = try await widget.sendVisitorMessage(
                SendVisitorMessageRequest(clientMessageID: UUID().text, text: text), options)
            names["conversation"] = sent.conversation?.conversationID
            names["message"] = sent.message?.messageID
        }
        let uploaded = try await widget.uploadVisitorAttachment(options) { pieces in
            try await pieces.write(
                UploadVisitorAttachmentRequest(
                    piece: .header(AttachmentHeader(mediaType: "text/plain", fileName: "a.txt"))))
            try await pieces.write(UploadVisitorAttachmentRequest(piece: .data(Array("hello".utf8))))
        }
        names["attachment"] = uploaded.attachment?.attachmentID
    }
}
