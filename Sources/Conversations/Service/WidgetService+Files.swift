import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// The visitor's files: what his channel's row allows, and only what is his.
extension WidgetService {
    func uploadVisitorAttachment(
        _ requests: RequestStream<UploadVisitorAttachmentRequest>, _ context: ServerContext
    ) async throws -> UploadVisitorAttachmentResponse {
        let visitor = try VisitorCaller(context)
        var pieces = requests.makeAsyncIterator()
        guard case .header(let header)? = try await pieces.next()?.piece else {
            throw Failure.invalid("piece", "begins with the header", reason: "REQUIRED")
        }
        var violations = Violations()
        let file = Upload.Header(header, &violations)
        try violations.check()
        let account = try await look(visitor) { work in
            try work.directory.requireActive()
            guard let account = try await work.store.account(visitor.accountID) else {
                throw ConversationsError.visitorTokenInvalid
            }
            return account
        }
        let upload = Upload(surroundings, visitor.caller, account, file, keepsToRules: true)
        return try await Upload.storing(upload) { upload in
            while let piece = try await pieces.next() {
                guard case .data(let bytes)? = piece.piece else { throw Failure.invalid("piece", "is bytes after the header") }
                try await upload.add(bytes)
            }
        } _: { attachment in
            let response = try await change(visitor) { work in
                try await work.store.insert(attachment)
                return UploadVisitorAttachmentResponse(attachment: work.wire.attachment(attachment))
            }
            return (response, true)
        }
    }

    func downloadVisitorAttachment(
        _ request: DownloadVisitorAttachmentRequest, _ responses: ResponseWriter<DownloadVisitorAttachmentResponse>,
        _ context: ServerContext
    ) async throws {
        let visitor = try VisitorCaller(context)
        let (attachment, wire) = try await look(visitor) { work in
            var violations = Violations()
            let id = violations.id(request.attachmentID, "attachment_id")
            try violations.check()
            guard let attachment = try await work.store.attachments([id]).first else {
                throw ConversationsError.attachmentNotFound
            }
            if attachment.conversationID == nil, attachment.uploader == visitor.caller.identity { return (attachment, work.wire) }
            guard let conversationID = attachment.conversationID,
                let conversation = try await work.store.conversation(conversationID),
                conversation.channelAccountID == visitor.accountID, conversation.address == visitor.visitorID.text
            else { throw ConversationsError.attachmentNotFound }
            return (attachment, work.wire)
        }
        try await responses.write(DownloadVisitorAttachmentResponse(piece: .attachment(wire.attachment(attachment))))
        try await surroundings.sendChunks(of: attachment, visitor.caller.tenantID) { bytes in
            try await responses.write(DownloadVisitorAttachmentResponse(piece: .data(bytes)))
        }
    }
}
