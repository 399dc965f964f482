import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// Files of conversations, up and down in pieces.
struct AttachmentsService: AttachmentsServiceProtocol {
    let surroundings: Surroundings
}

extension AttachmentsService {
    func uploadAttachment(
        _ requests: RequestStream<UploadAttachmentRequest>, _ context: ServerContext
    ) async throws -> UploadAttachmentResponse {
        var pieces = requests.makeAsyncIterator()
        guard case .header(let header)? = try await pieces.next()?.piece else {
            throw Failure.invalid("piece", "begins with the header", reason: "REQUIRED")
        }
        var violations = Violations()
        let file = Upload.Header(header.file ?? AttachmentHeader(), &violations)
        violations.require(UUID(id: header.requestID) != nil, "header.request_id", "is required", reason: "REQUIRED")
        try violations.check()
        let (caller, account) = try await account(for: header, context)
        let upload = Upload(surroundings, caller, account, file, keepsToRules: caller.isPerson)
        return try await Upload.storing(upload) { upload in
            while let piece = try await pieces.next() {
                guard case .data(let bytes)? = piece.piece else { throw Failure.invalid("piece", "is bytes after the header") }
                try await upload.add(bytes)
            }
        } _: { attachment in
            // The bytes are part of the request: the same request_id with others is refused.
            var request = header
            request.file?.sha256 = attachment.sha256
            let response = try await surroundings.write(request, \.requestID, context) { work in
                try await work.store.insert(attachment)
                return UploadAttachmentResponse(attachment: work.wire.attachment(attachment))
            }
            return (response, response.attachment?.attachmentID == attachment.id.text)
        }
    }

    func getAttachment(_ request: GetAttachmentRequest, _ context: ServerContext) async throws -> GetAttachmentResponse {
        try await surroundings.read(context) { work in
            GetAttachmentResponse(attachment: work.wire.attachment(try await readable(request.attachmentID, work)))
        }
    }

    func downloadAttachment(
        _ request: DownloadAttachmentRequest, _ responses: ResponseWriter<DownloadAttachmentResponse>, _ context: ServerContext
    ) async throws {
        let tenantID = try context.tenantID
        let (attachment, wire) = try await surroundings.read(context) { work in
            (try await readable(request.attachmentID, work), work.wire)
        }
        try await responses.write(DownloadAttachmentResponse(piece: .attachment(wire.attachment(attachment))))
        try await surroundings.sendChunks(of: attachment, tenantID) { bytes in
            try await responses.write(DownloadAttachmentResponse(piece: .data(bytes)))
        }
    }

    /// Who uploads, and the account whose rules hold: the conversation's; where there is none yet, the one a customer's file came
    /// to, or a business start is to go out from.
    private func account(
        for header: UploadAttachmentHeader, _ context: ServerContext
    ) async throws -> (Caller, ChannelAccount) {
        try await surroundings.read(context) { work in
            try work.directory.requireActive()
            if !header.conversationID.isEmpty {
                let conversation = try await work.readable(try ConversationsService.id(header.conversationID))
                return (work.caller, try await work.account(of: conversation))
            }
            guard let id = UUID(id: header.channelAccountID) else {
                throw Failure.invalid("header.conversation_id", "is required", reason: "REQUIRED")
            }
            guard let account = try await work.store.account(id) else { throw ConversationsError.channelAccountNotFound }
            return (work.caller, account)
        }
    }

    /// A file of a conversation the caller reads, or one he uploaded and has not sent yet.
    private func readable(_ text: String, _ work: Work) async throws -> Attachment {
        var violations = Violations()
        let id = violations.id(text, "attachment_id")
        try violations.check()
        guard let attachment = try await work.store.attachments([id]).first else {
            throw ConversationsError.attachmentNotFound
        }
        guard let conversationID = attachment.conversationID else {
            guard attachment.uploader == work.caller.identity || !work.caller.isPerson else {
                throw ConversationsError.attachmentNotFound
            }
            return attachment
        }
        guard let conversation = try await work.store.conversation(conversationID), work.caller.reads(conversation) else {
            throw ConversationsError.attachmentNotFound
        }
        return attachment
    }
}

extension Caller {
    var isPerson: Bool {
        if case .person = kind { true } else { false }
    }
}

extension Surroundings {
    /// One short read per piece, so that a slow reader holds no transaction.
    func sendChunks(
        of attachment: Attachment, _ tenantID: UUID, _ send: ([UInt8]) async throws -> Void
    ) async throws {
        var n: Int32 = 0
        while true {
            let chunk = try await transaction(tenantID, readOnly: true) { transaction in
                try await ConversationStore(transaction: transaction, tenantID: tenantID).chunk(of: attachment.id, n)
            }
            guard let chunk else { return }
            try await send(chunk)
            n += 1
        }
    }
}
