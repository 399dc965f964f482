import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import WallTime

// ReceiveMessage and ReportDelivery: what channels brings (guarantee 1).
extension ConversationsService {
    func receiveMessage(_ request: ReceiveMessageRequest, _ context: ServerContext) async throws -> ReceiveMessageResponse {
        let arrived = try Arrived(request)
        let caller = try Caller(context, surroundings.directory)
        let received = try await surroundings.receive(arrived, uploader: caller.identity, caller)
        return try await surroundings.read(context) { work in
            let message = try await work.withFiles([received.message]) { work.wire.message($0, $1) }.first
            return ReceiveMessageResponse(
                message: message, conversation: work.wire.conversation(received.conversation), duplicate: received.duplicate)
        }
    }

    func reportDelivery(_ request: ReportDeliveryRequest, _ context: ServerContext) async throws -> ReportDeliveryResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let id = violations.id(request.messageID, "message_id")
            let status = Message.Delivery(request.status)
            violations.require(status != nil, "status", "is required", reason: "REQUIRED")
            try violations.check()
            guard let status, let message = try await work.store.messages([id]).first,
                var conversation = try await work.store.locked(message.conversationID)
            else { throw ConversationsError.messageNotFound }
            let time = request.providerTime.map { min(Instant($0), work.now) } ?? work.now
            let moved = try await work.store.report(
                id, status, at: time, providerID: request.providerMessageID, reason: request.failureReason)
            if moved {
                if status == .failed { conversation.failedMessage = true }
                try await work.append(.messageStatus, before: conversation, conversation, by: .system, message: id)
                try await work.save(&conversation)
            }
            let now = try await work.store.messages([id])
            return ReportDeliveryResponse(message: try await work.withFiles(now) { work.wire.message($0, $1) }.first)
        }
    }
}

/// A message from outside, parsed, before its contact is known.
struct Arrived: Sendable {
    var accountID: UUID
    var providerMessageID: String
    var address: String
    var addressKey: String
    var name: String
    var kind: MessageKind
    var text: String
    var content: [UInt8]?
    var attachmentIDs: [UUID]
    var replyToProviderID = ""
    var providerTime: Instant?
    var subject = ""
    var locale = ""
    var email = ""
    var verified = true

    init(_ request: ReceiveMessageRequest) throws {
        var violations = Violations()
        accountID = violations.id(request.channelAccountID, "channel_account_id")
        providerMessageID = violations.text(request.providerMessageID, "provider_message_id", 1...255)
        address = violations.text(request.senderAddress, "sender_address", 1...320)
        addressKey = request.thread.isEmpty ? address : violations.text(request.thread, "thread", 1...998)
        name = String(request.senderName.prefix(200))
        // Never refused for what it contains (C48): an unknown kind is a placeholder, a text too long for us is cut.
        kind = MessageKind(request.kind) ?? .unsupported
        if kind == .note || kind == .template { kind = .unsupported }
        text = String(request.text.prefix(ConversationsService.textMax))
        content = request.content.map { $0.serialized() }
        attachmentIDs = request.attachmentIDs.enumerated().map { violations.id($1, "attachment_ids[\($0)]") }
        replyToProviderID = request.replyToProviderMessageID
        providerTime = request.providerTime.map { Instant($0) }
        subject = String(request.subject.prefix(255))
        try violations.check()
    }

    init(
        accountID: UUID, providerMessageID: String, address: String, name: String, text: String, attachmentIDs: [UUID],
        locale: String, email: String, verified: Bool
    ) {
        self.accountID = accountID
        self.providerMessageID = providerMessageID
        self.address = address
        addressKey = address
        self.name = name
        kind = text.allSatisfy(\.isWhitespace) ? .attachment : .text
        self.text = text
        self.attachmentIDs = attachmentIDs
        self.locale = locale
        self.email = email
        self.verified = verified
    }
}

extension Surroundings {
    /// The contact first, by RPC and outside of any transaction; then everything else in one.
    func receive(_ arrived: Arrived, uploader: String, _ caller: Caller) async throws -> Received {
        let known = try await transaction(caller.tenantID, readOnly: true) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: caller.tenantID)
            guard let account = try await store.account(arrived.accountID) else {
                throw ConversationsError.channelAccountNotFound
            }
            // Before the contact: a request that is refused makes none.
            _ = try await store.files(of: arrived, on: account, uploader: uploader)
            let latest = try await store.latest(account: account.id, addressKey: arrived.addressKey)
            return (account: account, contact: latest.flatMap { $0.state.isClosed ? nil : $0.contactID })
        }
        let contactID: UUID
        if let contact = known.contact {
            contactID = contact
        } else {
            contactID = try await contacts.resolve(
                ContactAddress(
                    channel: known.account.kind, accountID: known.account.id, address: arrived.address, name: arrived.name,
                    locale: arrived.locale, email: arrived.email, verified: arrived.verified), tenantID: caller.tenantID)
        }
        return try await transaction(caller.tenantID) { transaction in
            let work = Work(self, caller, transaction, now: clock.now)
            let own = try await work.store.files(of: arrived, on: known.account, uploader: uploader)
            return try await work.receive(
                Inbound(
                    providerMessageID: arrived.providerMessageID, address: arrived.address, addressKey: arrived.addressKey,
                    contactID: contactID, name: arrived.name, kind: arrived.kind, text: arrived.text, content: arrived.content,
                    attachments: own, replyToProviderID: arrived.replyToProviderID, providerTime: arrived.providerTime,
                    subject: arrived.subject), over: known.account)
        }
    }
}

extension ConversationStore {
    /// The files a message names, if all of them are its sender's.
    fileprivate func files(of arrived: Arrived, on account: ChannelAccount, uploader: String) async throws -> [Attachment] {
        guard !arrived.attachmentIDs.isEmpty else { return [] }
        let own = try await attachments(arrived.attachmentIDs).filter {
            $0.channelAccountID == account.id && $0.uploader == uploader
        }
        guard own.count == Set(arrived.attachmentIDs).count else { throw ConversationsError.attachmentNotFound }
        return own
    }
}
