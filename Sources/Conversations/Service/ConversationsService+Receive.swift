import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import WallTime

// ReceiveMessage and ReportDelivery: what channels brings (guarantee 1).
extension ConversationsService {
    func receiveMessage(_ request: ReceiveMessageRequest, _ context: ServerContext) async throws -> ReceiveMessageResponse {
        let inbound = try Inbound(request)
        let caller = try Caller(machine: context)
        let received = try await surroundings.receive(inbound, caller)
        let wire = Wire(directory: received.directory)
        return ReceiveMessageResponse(
            message: wire.message(received.message, received.files),
            conversation: wire.conversation(received.conversation, rules: received.rules),
            duplicate: received.duplicate)
    }

    func reportDelivery(_ request: ReportDeliveryRequest, _ context: ServerContext) async throws -> ReportDeliveryResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let id = violations.id(request.messageID, "message_id")
            let status = Message.Delivery(request.status)
            violations.require(status != nil, "status", "is required", reason: "REQUIRED")
            violations.text(request.providerMessageID, "provider_message_id", 0...255)
            violations.text(request.failureReason, "failure_reason", 0...500)
            try violations.check()
            guard let status, let message = try await work.store.messages([id]).first,
                let (found, account) = try await work.store.locked(message.conversationID)
            else { throw ConversationsError.messageNotFound }
            var conversation = found
            let time = request.providerTime.map { min(Instant($0), work.now) } ?? work.now
            // The provider's id names its receiver: of one who was erased meanwhile it is not kept.
            let report = DeliveryReport(
                time: time, providerID: conversation.address.isEmpty ? "" : request.providerMessageID,
                reason: request.failureReason)
            _ = try await work.move(message, to: status, report, in: &conversation, over: account)
            let now = try await work.store.messages([id])
            return ReportDeliveryResponse(message: try await work.withFiles(now) { work.wire.message($0, $1) }.first)
        }
    }
}

extension Inbound {
    init(_ request: ReceiveMessageRequest) throws {
        var violations = Violations()
        accountID = violations.id(request.channelAccountID, "channel_account_id")
        providerMessageID = violations.text(request.providerMessageID, "provider_message_id", 1...255)
        address = violations.text(request.senderAddress, "sender_address", 1...320)
        addressKey = request.thread.isEmpty ? address : violations.text(request.thread, "thread", 1...998)
        name = String(request.senderName.prefix(200))
        // Never refused for what it contains (C48): an unknown kind is a placeholder.
        kind = MessageKind(request.kind) ?? .unsupported
        if kind == .note || kind == .template { kind = .unsupported }
        text = request.text
        violations.require(
            text.utf8.count <= Self.textBytesMax, "text", "is more than 262144 bytes: bring it as a file")
        content = violations.content(request.content, "content")
        attachmentIDs = violations.ids(request.attachmentIDs, "attachment_ids", max: Self.attachmentsMax)
        replyToProviderID = violations.text(request.replyToProviderMessageID, "reply_to_provider_message_id", 0...255)
        providerTime = request.providerTime.map { Instant($0) }
        subject = violations.text(request.subject, "subject", 0...998)
        isAutomatic = request.automatic
        try violations.check()
    }

    /// What it says as an answer to the survey (C42); `nil`: it is none, or a machine wrote it.
    var surveyScore: Int16? {
        if isAutomatic { return nil }
        var choice: (id: String, title: String)?
        if let content, case .choice(let chosen)? = (try? MessageContent(serialized: content))?.content {
            choice = (chosen.choiceID, chosen.title)
        }
        return Survey.score(kind: kind, text: text, choice: choice, files: attachmentIDs.count)
    }
}

extension Surroundings {
    /// How often contacts is asked whose address it is: he may be erased between question and answer.
    private static let senderLookupsMax = 3

    /// Everything in one transaction. Where the sender's contact is not known yet, nothing has happened; it is asked for, by
    /// RPC and outside of any transaction, and then the same begins anew.
    func receive(_ inbound: Inbound, _ caller: Caller) async throws -> Received {
        var inbound = inbound
        var contactID: UUID?
        var asked = 0
        while true {
            let reception = try await transaction(caller.tenantID, groupedBy: inbound.customerKey) { [inbound] transaction in
                let work = Work(self, caller, Directory(caller.tenantID), transaction, now: clock.now)
                return try await work.receive(inbound, from: contactID)
            }
            switch reception {
            case .received(let received): return received
            case .senderUnknown(let account):
                // An erased one's address is nobody's: whoever writes from it is a stranger to contacts. One that came back there
                // by a restore has to be erased there again first.
                guard asked < Self.senderLookupsMax else { throw ConversationsError.dependencyUnavailable("contacts") }
                asked += 1
                let contact = try await contacts.resolve(
                    ContactAddress(
                        channel: account.kind, accountID: account.id, address: inbound.address, name: inbound.name,
                        locale: inbound.locale, email: inbound.email, verified: inbound.verified),
                    tenantID: caller.tenantID)
                contactID = contact.id
                // What his page says counts before what is known of him (C59).
                if inbound.locale.isEmpty { inbound.locale = contact.locale }
                inbound.timeZone = contact.timeZone
            }
        }
    }
}
