import Crypto
import FoundationEssentials
import ServiceRuntime
import TicketsV1

/// What an upload is, parsed.
struct AttachmentHeader: Sendable {
    var ticketID: UUID
    var mediaType: String
    var fileName: String
    /// Lower-case hex; empty: not announced.
    var sha256: String

    init(_ wire: TicketAttachmentHeader) throws {
        var violations = Violations()
        ticketID = violations.id(wire.ticketID, "header.ticket_id")
        let type = wire.mediaType.prefix { $0 != ";" }.lowercased()
        mediaType = type.trimmingCharacters(in: .whitespaces)
        violations.require(
            mediaType.utf8.count <= 127 && mediaType.split(separator: "/").count == 2, "header.media_type",
            "is no media type")
        fileName = Self.cleaned(wire.fileName)
        sha256 = wire.sha256.lowercased()
        violations.require(
            sha256.isEmpty || (sha256.utf8.count == 64 && sha256.allSatisfy(\.isHexDigit)), "header.sha256",
            "is no SHA-256 in hex")
        _ = violations.optionalID(wire.requestID, "header.request_id")
        try violations.check()
    }

    /// The last part of a path, without what controls or reverses text, at most 255 characters.
    private static func cleaned(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        let kept = last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
            default: true
            }
        }
        return String(String(String.UnicodeScalarView(kept)).prefix(255))
    }
}

/// Takes a file in pieces: its row first, then each full 256 KiB committed by itself. Whatever ends it before it is whole leaves
/// nothing behind; what a failing database keeps is swept after a day.
struct AttachmentUpload {
    /// How many old ones an upload sweeps.
    static let sweptMax = 100

    let surroundings: Surroundings
    let tenantID: UUID
    let announced: String
    private(set) var file: Attachment

    private var pending: [UInt8] = []
    private var chunks: Int32 = 0
    private var hash = SHA256()

    init(_ surroundings: Surroundings, _ caller: Caller, _ header: AttachmentHeader) {
        self.surroundings = surroundings
        tenantID = caller.tenantID
        announced = header.sha256
        let now = surroundings.clock.now
        file = Attachment(
            id: .v7(at: now), ticketID: header.ticketID, uploader: caller.identity, mediaType: header.mediaType,
            fileName: header.fileName, created: now)
    }

    /// Enters the file, and removes what others left.
    func begin() async throws {
        try await apart { [file] store in
            let before = file.created.advanced(by: .zero - Attachment.waitsFor)
            try await store.deleteAttachmentsNotShown(since: before, limit: Self.sweptMax)
            try await store.insert(file)
        }
    }

    mutating func add(_ piece: [UInt8]) async throws {
        guard piece.count <= Attachment.chunkBytesMax else { throw Failure.invalid("data", "is more than 262144 bytes") }
        pending += piece
        guard file.bytes + pending.count <= Attachment.bytesMax else {
            throw TicketsError.attachmentTooLarge(bytesMax: Attachment.bytesMax)
        }
        while pending.count >= Attachment.chunkBytesMax { try await flush(Attachment.chunkBytesMax) }
    }

    /// The file as it will stand in its row.
    mutating func finish() async throws -> Attachment {
        if !pending.isEmpty { try await flush(pending.count) }
        guard file.bytes > 0 else { throw Failure.invalid("data", "is empty", reason: "REQUIRED") }
        file.sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard announced.isEmpty || announced == file.sha256 else { throw TicketsError.attachmentHashMismatch }
        return file
    }

    func discard() async {
        try? await apart { [file] in try await $0.deleteAttachment(file.id) }
    }

    private mutating func flush(_ count: Int) async throws {
        let chunk = Array(pending.prefix(count))
        pending.removeFirst(count)
        hash.update(data: chunk)
        let n = chunks
        chunks += 1
        try await apart { [file] in try await $0.insertChunk(of: file.id, n, chunk) }
        try Task.checkCancellation()
        file.bytes += chunk.count
    }

    /// A transaction of its own. A caller who hangs up has cancelled this task, and does not cut a COMMIT short: so it is another
    /// one that is awaited.
    private func apart(_ body: @escaping @Sendable (TicketStore) async throws -> Void) async throws {
        let (tenants, tenantID) = (surroundings.tenants, tenantID)
        try await Task {
            try await tenants.transaction(as: tenantID) { transaction in
                try await body(TicketStore(transaction: transaction, tenantID: tenantID))
            }
        }.value
    }
}
