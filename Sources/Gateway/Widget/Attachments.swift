import ConversationsV1
import GRPC
import HTTPTypes
import NIOCore
import Protobuf
import TicketsV1

/// Files over HTTP: an upload is the raw body with its Content-Type and the name in `X-File-Name`; a download is never
/// shown in our own page's origin, but saved.
struct Attachments: Sendable {
    let visitors: WidgetServiceClient
    let agents: AttachmentsServiceClient
    let tickets: TicketAttachmentsServiceClient
    let gate: Gate
    /// Bytes of a file; the channel's own limit may be lower.
    let bytesMax: Int

    /// Bytes of one piece on the way to the service (AttachmentsService).
    static let pieceBytesMax = 256 << 10

    typealias Variables = [(fieldPath: [String], text: String)]

    // MARK: - Up

    @Sendable func uploadByVisitor(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let header = try fileHeader(exchange)
        let response = try await visitors.uploadVisitorAttachment(exchange.callOptions(token: exchange.bearerToken)) { writer in
            try await writer.write(UploadVisitorAttachmentRequest(piece: .header(header)))
            try await pieces(of: exchange) { try await writer.write(UploadVisitorAttachmentRequest(piece: .data($0))) }
        }
        return stored(response.attachment)
    }

    @Sendable func uploadByAgent(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        try await upload(exchange) { $0.conversationID = variables.first?.text ?? "" }
    }

    /// For the template of a business start, which has no conversation yet.
    @Sendable func uploadForAccount(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        try await upload(exchange) { $0.channelAccountID = variables.first?.text ?? "" }
    }

    /// For a comment of a ticket.
    @Sendable func uploadForTicket(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let (key, file) = (try requestID(of: exchange), try fileHeader(exchange))
        let header = TicketAttachmentHeader(
            ticketID: variables.first?.text ?? "", mediaType: file.mediaType, fileName: file.fileName, requestID: key)
        let response = try await tickets.uploadTicketAttachment(exchange.callOptions(token: exchange.bearerToken)) { writer in
            try await writer.write(UploadTicketAttachmentRequest(piece: .header(header)))
            try await pieces(of: exchange) { try await writer.write(UploadTicketAttachmentRequest(piece: .data($0))) }
        }
        return .json((response.attachment ?? TicketAttachment()).json(options: .emitDefaults), status: 201)
    }

    private func requestID(of exchange: Exchange) throws -> String {
        guard let key = exchange[.idempotencyKey].flatMap(IdempotencyKey.parse) else {
            throw Problem.invalid("IDEMPOTENCY_KEY_REQUIRED", "Send an Idempotency-Key, a new one for each new request.")
        }
        return key
    }

    private func upload(_ exchange: Exchange, to place: (inout UploadAttachmentHeader) -> Void) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let key = try requestID(of: exchange)
        var named = UploadAttachmentHeader(file: try fileHeader(exchange), requestID: key)
        place(&named)
        let header = named
        let response = try await agents.uploadAttachment(exchange.callOptions(token: exchange.bearerToken)) { writer in
            try await writer.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces(of: exchange) { try await writer.write(UploadAttachmentRequest(piece: .data($0))) }
        }
        return stored(response.attachment)
    }

    private func fileHeader(_ exchange: Exchange) throws -> AttachmentHeader {
        // The bytes are kept as they come.
        guard ContentCoding(exchange[.contentEncoding]) == .identity else {
            throw Problem.unsupportedMediaType("a file without Content-Encoding")
        }
        guard let type = exchange[.contentType].flatMap({ MediaType($0) }) else {
            throw Problem.unsupportedMediaType("a file with its Content-Type")
        }
        if let length = exchange[.contentLength].flatMap(Int.init), length > bytesMax {
            throw Problem.bodyTooLarge(bytesMax: bytesMax)
        }
        guard let name = PercentCoding.decode((exchange[.xFileName] ?? "")[...]) else {
            throw Problem.invalid("FILE_NAME_INVALID", "X-File-Name must be percent-encoded UTF-8.", field: "X-File-Name")
        }
        return AttachmentHeader(mediaType: type.description, fileName: name)
    }

    private func pieces(of exchange: Exchange, _ send: ([UInt8]) async throws -> Void) async throws {
        var total = 0
        var piece: [UInt8] = []
        for try await buffer in exchange.body {
            total += buffer.readableBytes
            guard total <= bytesMax else { throw Problem.bodyTooLarge(bytesMax: bytesMax) }
            piece.append(contentsOf: buffer.readableBytesView)
            while piece.count >= Self.pieceBytesMax {
                try await send(Array(piece.prefix(Self.pieceBytesMax)))
                piece.removeFirst(Self.pieceBytesMax)
            }
        }
        if !piece.isEmpty { try await send(piece) }
    }

    private func stored(_ attachment: Attachment?) -> Answer {
        .json((attachment ?? Attachment()).json(options: .emitDefaults), status: 201)
    }

    // MARK: - Down

    @Sendable func downloadByVisitor(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        _ = try await gate.caller(exchange)
        var options = exchange.callOptions(token: exchange.bearerToken)
        options.deadline = nil
        let pieces = visitors.downloadVisitorAttachment(
            DownloadVisitorAttachmentRequest(attachmentID: variables.first?.text ?? ""), options)
        return try await download(pieces) { response in
            switch response.piece {
            case .attachment(let attachment): .attachment(attachment)
            case .data(let bytes): .data(bytes)
            case nil: .data([])
            }
        }
    }

    @Sendable func downloadByAgent(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        _ = try await gate.caller(exchange)
        var options = exchange.callOptions(token: exchange.bearerToken)
        options.deadline = nil
        let pieces = agents.downloadAttachment(DownloadAttachmentRequest(attachmentID: variables.first?.text ?? ""), options)
        return try await download(pieces) { response in
            switch response.piece {
            case .attachment(let attachment): .attachment(attachment)
            case .data(let bytes): .data(bytes)
            case nil: .data([])
            }
        }
    }

    @Sendable func downloadOfTicket(_ exchange: Exchange, _ variables: Variables) async throws -> Answer {
        _ = try await gate.caller(exchange)
        var options = exchange.callOptions(token: exchange.bearerToken)
        options.deadline = nil
        let pieces = tickets.downloadTicketAttachment(
            DownloadTicketAttachmentRequest(attachmentID: variables.first?.text ?? ""), options)
        return try await download(pieces) { response in
            switch response.piece {
            case .attachment(let file):
                .attachment(Attachment(mediaType: file.mediaType, fileName: file.fileName, sha256: file.sha256))
            case .data(let bytes): .data(bytes)
            case nil: .data([])
            }
        }
    }

    private enum Piece {
        case attachment(Attachment)
        case data([UInt8])
    }

    private func download<Response: Protobuf.Message>(
        _ responses: ResponseStream<Response>, _ piece: @escaping @Sendable (Response) -> Piece
    ) async throws -> Answer {
        var iterator = responses.makeAsyncIterator()
        guard let first = try await iterator.next(), case .attachment(let attachment) = piece(first) else {
            throw RPCError(code: .internal, message: "a download begins with what it is")
        }
        return Answer(
            200,
            headers: [
                ("Content-Type", MediaType(attachment.mediaType)?.description ?? "application/octet-stream"),
                ("Content-Disposition", "attachment; filename*=UTF-8''\(PercentCoding.encode(attachment.fileName))"),
                ("Content-Security-Policy", "sandbox; default-src 'none'"), ("Cache-Control", "private, max-age=3600"),
                ("ETag", "\"\(attachment.sha256)\""),
            ],
            body: .stream { writer in
                for try await response in responses {
                    if case .data(let bytes) = piece(response) { try await writer.write(ByteBuffer(bytes: bytes)) }
                }
            })
    }
}
