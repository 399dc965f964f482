import ConversationsV1
import FoundationEssentials
import GoogleProtobuf
import Protobuf
import ServiceRuntime
import WallTime

extension Wire {
    func message(_ m: Message, _ files: [Attachment]) -> ConversationsV1.Message {
        var wire = ConversationsV1.Message()
        wire.messageID = m.id.text
        wire.conversationID = m.conversationID.text
        wire.seq = m.seq
        wire.direction =
            switch m.direction {
            case .inbound: .inbound
            case .outbound: .outbound
            case .internal: .internal
            }
        wire.kind = m.kind.wire
        wire.author = actor(m.author)
        wire.text = m.text
        wire.attachments = files.map(attachment)
        wire.replyToMessageID = m.replyTo?.text ?? ""
        wire.content = m.content.flatMap { try? MessageContent(serialized: $0) }
        wire.createTime = Timestamp(m.created)
        wire.providerTime = m.providerTime.map { Timestamp($0) }
        wire.deliveryStatus = m.delivery.wire
        wire.deliveryTime = m.deliveryTime.map { Timestamp($0) }
        wire.failureReason = m.failureReason
        wire.providerMessageID = m.providerMessageID
        wire.mentionedAgentIDs = m.mentionedAgentIDs.map(\.text)
        wire.mentionedDepartmentIDs = m.mentionedDepartmentIDs.map(\.text)
        return wire
    }

    func attachment(_ a: Attachment) -> ConversationsV1.Attachment {
        ConversationsV1.Attachment(
            attachmentID: a.id.text, conversationID: a.conversationID?.text ?? "", kind: a.kind.wire, mediaType: a.mediaType,
            fileName: a.fileName, sizeBytes: a.bytes, sha256: a.sha256, createTime: Timestamp(a.created))
    }
}

extension Work {
    var wire: Wire { Wire(directory: directory) }

    /// Messages with their files, in one statement more.
    func withFiles<Answer>(_ messages: [Message], _ body: (Message, [Attachment]) -> Answer) async throws -> [Answer] {
        let files = try await store.attachments(messages.flatMap(\.attachmentIDs))
        let byID = Dictionary(files.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return messages.map { message in body(message, message.attachmentIDs.compactMap { byID[$0] }) }
    }
}
