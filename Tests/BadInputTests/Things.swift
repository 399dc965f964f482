import ContactsV1
import ConversationsV1
import GRPC
import FoundationEssentials
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

/// What a tenant has: one of each thing that an id can name.
struct Things: Sendable {
    private let ids: [String: String]

    init(of tenant: People.Tenant, in place: Place) async throws {
        let admin = try await place.callers.admin(of: tenant)
        let options = CallOptions(timeout: .seconds(60), metadata: admin)
        let contacts = ContactsServiceClient(place.sides[0].channel)
        let conversations = ConversationsServiceClient(place.sides[1].channel)
        let channels = CallOptions(
            timeout: .seconds(60),
            metadata: try await place.callers.metadata("service:channels", to: "conversations", tenant: tenant.id))
        let received = try await conversations.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: tenant.account.text, providerMessageID: "m1", senderAddress: "customer-1", kind: .text,
                text: "hello"), channels)
        let conversation = try #require(received.conversation)
        let identities = try await contacts.listIdentities(ListIdentitiesRequest(contactID: conversation.contactID), options)
        let header = UploadAttachmentHeader(
            file: AttachmentHeader(mediaType: "text/plain", fileName: "a.txt"), conversationID: conversation.conversationID,
            requestID: UUID().text)
        _ = try await conversations.accept(
            AcceptRequest(conversationID: conversation.conversationID, requestID: UUID().text), options)
        let uploaded = try await AttachmentsServiceClient(place.sides[1].channel).uploadAttachment(options) { pieces in
            try await pieces.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadAttachmentRequest(piece: .data(Array("hello".utf8))))
        }
        let template = try await TemplatesServiceClient(place.sides[4].channel).createTemplate(
            CreateTemplateRequest(template: .example(on: tenant.account), requestID: UUID().text), options)
        let snippet = try await SnippetsServiceClient(place.sides[4].channel).createSnippet(
            CreateSnippetRequest(snippet: .example(), requestID: UUID().text), options)
        let ticket = try await Scene(.ticket, of: tenant, in: place).names
        let about = ["ticket", "category", "service", "priority", "calendar", "policy", "merge", "link"].map {
            ("\($0)_id", ticket[$0] ?? "")
        }
        ids = [
            "template_id": template.template?.templateID ?? "", "snippet_id": snippet.snippet?.snippetID ?? "",
            "contact_id": conversation.contactID, "conversation_id": conversation.conversationID,
            "message_id": received.message?.messageID ?? "", "identity_id": identities.identities.first?.identityID ?? "",
            "attachment_id": uploaded.attachment?.attachmentID ?? "", "channel_account_id": tenant.account.text,
            "department_id": tenant.department.text, "agent_id": tenant.agent.text, "assignee_id": tenant.agent.text,
            "requester_id": conversation.contactID,
        ].merging(about) { $1 }
        for (name, id) in ids { #expect(!id.isEmpty, "no \(name)") }
    }

    var all: [String] { Array(ids.values) }

    /// The id that a field of this name, or of its plural, or with a word before it, could hold.
    func id(of field: String) -> String? {
        let name = field.hasSuffix("_ids") ? String(field.dropLast()) : field
        return ids.first { name == $0.key || name.hasSuffix("_\($0.key)") }?.value
    }
}
