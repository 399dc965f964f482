import ContactsV1
import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

@testable import Gateway

/// A tenant's things around one call, made for it alone, and whoever calls.
struct Scene: Sendable {
    enum Kind: Sendable {
        /// The tenant, his agents and accounts.
        case bare
        /// A contact with two addresses.
        case contact
        /// Two contacts; a contact into whom two others were merged.
        case twoContacts, merge
        /// A contact with two linked objects, and one with two statements of consent.
        case linkedObject, consents
        /// An attribute that the tenant has defined; a layout of fields.
        case attribute, layout
        /// A contact whose erasure waits for other services.
        case erasure
        /// A contact who can be written to by e-mail.
        case emailContact
        /// A web-chat conversation in this state; an open one has an answer and a file in it.
        case queued, open, pending, automated
        /// Offered to the agent; and again, after it went back.
        case offered, notified
        /// Open, with an answer that failed.
        case failed
        /// Begun by a template on WhatsApp, whose reply is awaited.
        case awaiting
        /// Closed, its customer asked to judge it.
        case judged
        /// Closed, its address blocked.
        case blocked
        /// A rule of automatic closing, and an automatic reply.
        case closingRule
        /// A channel account of its own.
        case channelAccount
        /// Open, with a colleague.
        case colleagues
        /// A visitor's own session, with two messages and a file.
        case visitor
        /// A draft that was edited once; an approved template with one variable; a snippet.
        case template, approvedTemplate, snippet
        /// A ticket with two comments, two clocks, a link, two merges, and one of each thing that it can be about.
        case ticket
        /// A tenant that does not exist yet, and the settings of the one that does.
        case newTenant, settings
        /// A department, an agent, a role and an API key of the tenant's.
        case department, staff, role, apiKey
        /// A conversation as routing knows it.
        case routed
        /// Two messages on their way to a provider; two webhooks with two deliveries each.
        case outbound, webhook
    }

    var names: [String: String]
    let place: Place
    let tenant: People.Tenant
    /// In which tenant the call is made.
    private(set) var tenantID: UUID
    private var visitorToken = ""

    init(_ kind: Kind, of tenant: People.Tenant = People.own, in place: Place) async throws {
        self.place = place
        self.tenant = tenant
        tenantID = tenant.id
        names = [
            "account": tenant.account.text, "emailAccount": tenant.emailAccount.text, "department": tenant.department.text,
            "tenant": tenant.id.text, "agent": tenant.agent.text, "colleague": tenant.colleague.text,
            "widgetKey": "wk_\(tenant.seed)",
        ]
        switch kind {
        case .bare: break
        case .contact: try await makeContact(["$new", "$new"].map { _ in (.customer, UUID().text) })
        case .twoContacts, .merge, .linkedObject, .consents, .attribute, .layout, .erasure: try await makeContactsThing(kind)
        case .emailContact: try await makeContact([(.email, "\(UUID().text)@example.org")])
        case .closingRule: try await setRules()
        case .channelAccount: try await makeChannelAccount()
        case .queued, .open, .pending, .automated, .offered, .notified, .failed, .blocked, .colleagues:
            try await makeConversation(kind)
        case .awaiting: try await makeAwaiting()
        case .judged: try await makeJudged()
        case .visitor: try await makeVisitor()
        case .template, .approvedTemplate: try await makeTemplate(kind)
        case .snippet: try await makeSnippet()
        case .ticket: try await makeTicket()
        case .newTenant: tenantID = UUID()
        case .settings, .department, .staff, .role, .apiKey, .routed: try await makeInRouting(kind)
        case .outbound, .webhook: try await makeInChannels(kind)
        }
    }

    /// The example with this scene's names in it; `$new` is another word each time.
    func request(_ example: Example) throws -> JSON {
        var text = example.json
        // The longer name first: `$account` is not the beginning of `$accountTag`.
        for (name, value) in names.sorted(by: { $0.key.count > $1.key.count }) {
            text = text.replacing("$\(name)", with: value.replacing("\"", with: "\\\""))
        }
        // By the service's clock, where it has told a time of the scene.
        text = text.replacing("$moment", with: Instant.now.rfc3339)
        let day: Swift.Duration = .seconds(86_400)
        text = text.replacing("$yesterday", with: Instant.now.advanced(by: .zero - day).rfc3339)
        text = text.replacing("$tomorrow", with: Instant.now.advanced(by: day).rfc3339)
        while let next = text.firstRange(of: "$new") { text.replaceSubrange(next, with: UUID().text) }
        while let next = text.firstRange(of: "$word") { text.replaceSubrange(next, with: String.word) }
        while let next = text.firstRange(of: "$rank") { text.replaceSubrange(next, with: "\(Self.nextRank())") }
        #expect(!text.contains("$"), "\(text)")
        return try JSONParser.parse(Array(text.utf8))
    }

    /// What a caller of this name sends, in the scene's tenant.
    func metadata(_ caller: String, to callee: String) async throws -> Metadata {
        if caller == "visitor", !visitorToken.isEmpty { return ["authorization": "Bearer \(visitorToken)"] }
        if caller == "admin" { return try await place.callers.admin(of: tenant) }
        return try await place.callers.metadata(caller, to: callee, tenant: tenantID)
    }

    /// The version of the thing that the call is about has moved on.
    func bump() async throws {
        if names["ticket"] != nil { return try await bumpTicket() }
        if try await bumpInChannels() { return }
        let options = try await options("admin", to: "conversations")
        if try await bumpContactsThing() { return }
        if names["ruleTag"] != nil {
            var moved = self
            try await moved.setRules()
        } else if let id = names["ownAccount"] {
            let account = ConversationsV1.ChannelAccount(channelAccountID: id, displayName: UUID().text)
            _ = try await ChannelAccountsServiceClient(place.sides[1].channel).updateChannelAccount(
                UpdateChannelAccountRequest(channelAccount: account, requestID: UUID().text), options)
        } else if let id = names["conversation"] {
            _ = try await conversations.updateConversation(
                UpdateConversationRequest(
                    conversation: Conversation(conversationID: id, labels: [UUID().text]), requestID: UUID().text), options)
        } else if let id = names["template"] {
            let own = try await self.options("admin", to: "templates")
            _ = try await templates.updateTemplate(
                UpdateTemplateRequest(
                    template: TemplatesV1.Template(templateID: id, footer: .word), requestID: UUID().text), own)
        } else if let id = names["snippet"] {
            let own = try await self.options("admin", to: "templates")
            _ = try await snippets.updateSnippet(
                UpdateSnippetRequest(
                    snippet: TemplatesV1.Snippet(snippetID: id, title: .word), requestID: UUID().text), own)
        } else if let id = names["contact"] {
            _ = try await contacts.updateContact(
                UpdateContactRequest(contact: Contact(contactID: id, displayName: UUID().text)), options)
        } else {
            try await bumpInRouting()
        }
    }
}

// MARK: - How things are made

extension Scene {
    var routing: GRPC.Channel { place.sides[2].channel }
    var contacts: ContactsServiceClient { ContactsServiceClient(place.sides[0].channel) }
    private var conversations: ConversationsServiceClient { ConversationsServiceClient(place.sides[1].channel) }

    private var templates: TemplatesServiceClient { TemplatesServiceClient(place.sides[4].channel) }
    private var snippets: SnippetsServiceClient { SnippetsServiceClient(place.sides[4].channel) }

    func options(_ caller: String, to callee: String) async throws -> CallOptions {
        CallOptions(timeout: .seconds(60), metadata: try await metadata(caller, to: callee))
    }

    mutating func makeContact(_ addresses: [(ContactsV1.IdentityKind, String)]) async throws {
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
        case .open, .pending, .failed, .blocked:
            _ = try await conversations.accept(AcceptRequest(conversationID: id, requestID: UUID().text), own)
            let sent = try await conversations.sendMessage(
                SendMessageRequest(conversationID: id, requestID: UUID().text, text: "hi"), own)
            names["answer"] = sent.message?.messageID
            names["attachment"] = try await upload(to: id, own)
            if kind == .pending {
                _ = try await conversations.setPending(SetPendingRequest(conversationID: id, requestID: UUID().text), own)
            }
            if kind == .failed {
                _ = try await conversations.reportDelivery(
                    ReportDeliveryRequest(
                        messageID: sent.message?.messageID ?? "", requestID: UUID().text, status: .failed,
                        failureReason: "UNREACHABLE"), try await options("service:channels", to: "conversations"))
            }
            if kind == .blocked {
                _ = try await conversations.blockAddress(
                    BlockAddressRequest(conversationID: id, requestID: UUID().text, reason: "spam"), own)
            }
        case .colleagues:
            let colleague = CallOptions(
                timeout: .seconds(60), metadata: try await place.callers.agent(tenant.colleague, of: tenant, role: "agent"))
            _ = try await conversations.accept(AcceptRequest(conversationID: id, requestID: UUID().text), colleague)
        case .automated: try await place.automate(id)
        case .offered, .notified:
            let router = try await options("service:routing", to: "conversations")
            for round in 0..<(kind == .notified ? 2 : 1) {
                if round > 0 {
                    _ = try await conversations.returnToQueue(
                        ReturnToQueueRequest(conversationID: id, requestID: UUID().text, cause: .offerTimeout), router)
                }
                _ = try await conversations.assign(
                    AssignRequest(conversationID: id, requestID: UUID().text, agentID: tenant.agent.text), router)
            }
        default: break
        }
        let now = try await conversations.getConversation(GetConversationRequest(conversationID: id), own)
        names["tag"] = now.conversation?.etag
        names["moment"] = now.conversation?.updateTime.map { Instant($0).rfc3339 }
    }

    private mutating func makeAwaiting() async throws {
        let template = try await Self.template(
            .approvedTemplate, of: tenant, on: tenant.phoneAccount, in: place,
            admin: try await options("admin", to: "templates"),
            channels: try await options("service:channels", to: "templates"))
        names["template"] = template["template"]
        try await makeContact([(.whatsapp, "55119\(Int.random(in: 10_000_000...99_999_999))")])
        let started = try await conversations.startConversation(
            StartConversationRequest(
                requestID: UUID().text, channelAccountID: tenant.phoneAccount.text, contactID: names["contact"] ?? "",
                template: TemplateUse(templateID: names["template"] ?? "", variables: ["1": "Ana"])),
            try await options("admin", to: "conversations"))
        names["conversation"] = started.conversation?.conversationID
        names["tag"] = started.conversation?.etag
    }

    private mutating func makeChannelAccount() async throws {
        let account = ConversationsV1.ChannelAccount(kind: .webchat, displayName: UUID().text)
        let made = try await ChannelAccountsServiceClient(place.sides[1].channel).createChannelAccount(
            CreateChannelAccountRequest(channelAccount: account, requestID: UUID().text),
            try await options("admin", to: "conversations")
        ).channelAccount
        (names["ownAccount"], names["tag"]) = (made?.channelAccountID, made?.etag)
    }

    /// Asked by a link, while that is what the tenant's surveys say.
    private mutating func makeJudged() async throws {
        try await makeConversation(.open)
        let own = try await options("admin", to: "conversations")
        let id = names["conversation"] ?? ""
        let replies = AutomaticRepliesServiceClient(place.sides[1].channel)
        for text in ["{survey_link}", ""] {
            if text.isEmpty {
                _ = try await conversations.close(CloseRequest(conversationID: id, requestID: UUID().text), own)
            }
            let reply = ConversationsV1.AutomaticReply(
                channel: .webchat, occasion: .survey, texts: text.isEmpty ? [] : [.init(text: text)])
            _ = try await replies.setAutomaticReply(
                SetAutomaticReplyRequest(automaticReply: reply, requestID: UUID().text), own)
        }
        let messages = try await conversations.listMessages(ListMessagesRequest(conversationID: id), own).messages
        let link = try #require(messages.last { $0.text.contains("/survey#") })
        names["survey"] = link.text.split(separator: "#").last.map(String.init)
    }

    private mutating func setRules() async throws {
        for channel: ConversationsV1.ChannelKind in [.email, .webchat] {
            let rule = ConversationsV1.ClosingRule(
                departmentID: tenant.department.text, channel: channel, inactiveAfter: .init(seconds: 900))
            let set = try await ClosingRulesServiceClient(place.sides[1].channel).setClosingRule(
                SetClosingRuleRequest(closingRule: rule, requestID: UUID().text),
                try await options("admin", to: "conversations"))
            names["ruleTag"] = set.closingRule?.etag
            let reply = ConversationsV1.AutomaticReply(
                departmentID: tenant.department.text, channel: channel == .email ? .whatsapp : channel,
                occasion: .nobodyAvailable, texts: [.init(text: "hello")])
            names["replyTag"] = try await AutomaticRepliesServiceClient(place.sides[1].channel).setAutomaticReply(
                SetAutomaticReplyRequest(automaticReply: reply, requestID: UUID().text),
                try await options("admin", to: "conversations")
            ).automaticReply?.etag
        }
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

    private mutating func makeTemplate(_ kind: Kind) async throws {
        let admin = try await options("admin", to: "templates")
        let made = try await Self.template(
            kind, of: tenant, in: place, admin: admin, channels: try await options("service:channels", to: "templates"))
        names.merge(made) { $1 }
    }

    private mutating func makeSnippet() async throws {
        names.merge(try await Self.snippet(in: place, admin: try await options("admin", to: "templates"))) { $1 }
    }
}
