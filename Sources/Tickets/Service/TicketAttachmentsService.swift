import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import TicketsV1

/// Files of tickets, up and down in pieces. A file is its uploader's until a comment shows it; then whoever sees the comment may have
/// it.
struct TicketAttachmentsService: TicketAttachmentsServiceProtocol {
    let surroundings: Surroundings
}

extension TicketAttachmentsService {
    func uploadTicketAttachment(
        _ requests: RequestStream<UploadTicketAttachmentRequest>, _ context: ServerContext
    ) async throws -> UploadTicketAttachmentResponse {
        var pieces = requests.makeAsyncIterator()
        guard case .header(let wire)? = try await pieces.next()?.piece else {
            throw Failure.invalid("piece", "begins with the header", reason: "REQUIRED")
        }
        let header = try AttachmentHeader(wire)
        let caller = try await surroundings.read(context) { work in
            _ = try await work.readable(header.ticketID)
            return work.caller
        }
        var upload = AttachmentUpload(surroundings, caller, header)
        try await upload.begin()
        do {
            while let piece = try await pieces.next() {
                guard case .data(let bytes)? = piece.piece else { throw Failure.invalid("piece", "is bytes after the header") }
                try await upload.add(bytes)
            }
            let response = try await store(try await upload.finish(), as: wire, context)
            // The same request was answered before: these bytes are one copy too many.
            if response.attachment?.attachmentID != upload.file.id.text { await upload.discard() }
            return response
        } catch {
            await upload.discard()
            throw error
        }
    }

    /// The bytes are part of the request: the same request_id with others is refused.
    private func store(
        _ file: Attachment, as header: TicketAttachmentHeader, _ context: ServerContext
    ) async throws -> UploadTicketAttachmentResponse {
        var request = header
        request.sha256 = file.sha256
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.readable(file.ticketID)
            guard try await work.store.finish(file) else { throw TicketsError.notFound(.attachment, file.id) }
            return UploadTicketAttachmentResponse(attachment: file.wire)
        }
    }

    func getTicketAttachment(_ request: GetTicketAttachmentRequest, _ context: ServerContext) async throws
        -> GetTicketAttachmentResponse
    {
        try await surroundings.read(context) { work in
            GetTicketAttachmentResponse(attachment: try await work.readableAttachment(request.attachmentID).wire)
        }
    }

    func downloadTicketAttachment(
        _ request: DownloadTicketAttachmentRequest, _ responses: ResponseWriter<DownloadTicketAttachmentResponse>,
        _ context: ServerContext
    ) async throws {
        let file = try await surroundings.read(context) { try await $0.readableAttachment(request.attachmentID) }
        try await responses.write(DownloadTicketAttachmentResponse(piece: .attachment(file.wire)))
        var n: Int32 = 0
        // One short read per piece, so that a slow reader holds no transaction.
        while let chunk = try await surroundings.read(context, { try await $0.store.chunk(of: file.id, n) }) {
            try await responses.write(DownloadTicketAttachmentResponse(piece: .data(chunk)))
            n += 1
        }
    }
}

extension Work {
    /// A file the caller may have; every other is as unknown as one that never was.
    fileprivate func readableAttachment(_ text: String) async throws -> Attachment {
        var violations = Violations()
        let id = violations.id(text, "attachment_id")
        try violations.check()
        guard let file = try await store.attachments([id]).first, file.isReadable(by: caller),
            let ticket = try await store.tickets([file.ticketID]).first, mayRead(ticket)
        else { throw TicketsError.notFound(.attachment, id) }
        return file
    }

    /// Shows a comment's files: those of its ticket that the caller brought, or that he sees already.
    func show(_ ids: [UUID], of ticket: UUID, isPublic: Bool) async throws {
        let known = try await store.attachments(ids).filter { $0.ticketID == ticket && $0.isReadable(by: caller) }
        if let missing = ids.first(where: { id in !known.contains { $0.id == id } }) {
            throw TicketsError.notFound(.attachment, missing)
        }
        guard !ids.isEmpty else { return }
        // One that was swept since it was looked at is missing, too.
        guard try await store.show(ids, of: ticket, isPublic: isPublic) == Set(ids).count else {
            throw TicketsError.notFound(.attachment, ids[0])
        }
    }
}

extension Attachment {
    fileprivate var wire: TicketAttachment {
        TicketAttachment(
            attachmentID: id.text, ticketID: ticketID.text, mediaType: mediaType, fileName: fileName, sizeBytes: Int32(bytes),
            sha256: sha256, createTime: Timestamp(created))
    }
}
