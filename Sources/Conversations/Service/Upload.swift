import ConversationsV1
import Crypto
import FoundationEssentials
import ServiceRuntime
import WallTime

/// Takes a file in pieces: each full 256 KiB is committed by itself, the file's row last. A file that is too large, of a kind
/// the channel does not carry, or not what was announced leaves no row behind.
struct Upload {
    static let chunkBytesMax = 262_144
    /// No channel's row allows more.
    static let bytesMax: Int32 = 104_857_600

    let surroundings: Surroundings
    let caller: Caller
    let account: ChannelAccount
    /// Customers' files come as they are (C48); ours keep to the channel's row.
    let keepsToRules: Bool

    private let id: UUID
    private let header: Header
    private var kind: AttachmentKind?
    private var limit = bytesMax
    private var pending: [UInt8] = []
    private var chunks: Int32 = 0
    private var bytes: Int32 = 0
    private var hash = SHA256()

    struct Header {
        var mediaType: String
        var fileName: String
        var sha256: String

        init(_ wire: AttachmentHeader, _ violations: inout Violations) {
            let type = wire.mediaType.prefix { $0 != ";" }.lowercased()
            mediaType = type.trimmingCharacters(in: .whitespaces)
            violations.require(
                mediaType.utf8.count <= 127 && mediaType.split(separator: "/").count == 2, "media_type", "is no media type")
            fileName = Self.cleaned(wire.fileName)
            sha256 = wire.sha256.lowercased()
            violations.require(
                sha256.isEmpty || (sha256.utf8.count == 64 && sha256.allSatisfy(\.isHexDigit)), "sha256", "is no SHA-256 in hex")
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

    init(_ surroundings: Surroundings, _ caller: Caller, _ account: ChannelAccount, _ header: Header, keepsToRules: Bool) {
        self.surroundings = surroundings
        self.caller = caller
        self.account = account
        self.header = header
        self.keepsToRules = keepsToRules
        id = .v7(at: surroundings.clock.now)
    }

    mutating func add(_ piece: [UInt8]) async throws {
        guard piece.count <= Self.chunkBytesMax else { throw Failure.invalid("data", "is more than 262144 bytes") }
        pending += piece
        if kind == nil, pending.count >= AttachmentKind.headBytes { try judge() }
        guard bytes + Int32(pending.count) <= limit else { throw ConversationsError.attachmentTooLarge(bytesMax: limit) }
        while pending.count >= Self.chunkBytesMax { try await flush(Self.chunkBytesMax) }
    }

    /// The file as it will stand in its row.
    mutating func finish() async throws -> Attachment {
        if kind == nil { try judge() }
        guard bytes + Int32(pending.count) <= limit else { throw ConversationsError.attachmentTooLarge(bytesMax: limit) }
        if !pending.isEmpty { try await flush(pending.count) }
        guard bytes > 0 else { throw Failure.invalid("data", "is empty", reason: "REQUIRED") }
        let digest = VisitorTokens.hex(hash.finalize())
        guard header.sha256.isEmpty || header.sha256 == digest else { throw ConversationsError.attachmentHashMismatch }
        return Attachment(
            id: id, channelAccountID: account.id, uploader: caller.identity, kind: kind ?? .document, mediaType: header.mediaType,
            fileName: header.fileName, bytes: bytes, sha256: digest, created: surroundings.clock.now)
    }

    /// Stores the file with what `body` says of it. Whatever ends the upload before that, or shows that it had happened before,
    /// leaves none of its pieces behind.
    static func storing<Answer: Sendable>(
        _ upload: Upload, _ pieces: (inout Upload) async throws -> Void,
        _ body: (Attachment) async throws -> (answer: Answer, isStored: Bool)
    ) async throws -> Answer {
        var upload = upload
        do {
            try await pieces(&upload)
            let stored = try await body(try await upload.finish())
            if !stored.isStored { await upload.discard() }
            return stored.answer
        } catch {
            await upload.discard()
            throw error
        }
    }

    /// A caller who hung up has cancelled this task, so it is another one that cleans up. What a failing database keeps is
    /// swept after a day.
    private func discard() async {
        guard chunks > 0 else { return }
        let (id, tenantID, surroundings) = (id, caller.tenantID, surroundings)
        await Task {
            try? await surroundings.transaction(tenantID) { transaction in
                try await ConversationStore(transaction: transaction, tenantID: tenantID).deleteChunks(of: id)
            }
        }.value
    }

    private mutating func judge() throws {
        let judged = AttachmentKind.judged(mediaType: header.mediaType, fileName: header.fileName, head: pending.prefix(16))
        kind = judged
        guard keepsToRules else { return }
        guard let rule = account.rules.attachments[judged], rule.permission != .rejected else {
            throw ConversationsError.attachmentTypeNotAllowed(judged)
        }
        limit = rule.bytesMax
    }

    private mutating func flush(_ count: Int) async throws {
        let chunk = Array(pending.prefix(count))
        pending.removeFirst(count)
        hash.update(data: chunk)
        let (id, n, tenantID, surroundings) = (id, chunks, caller.tenantID, surroundings)
        chunks += 1
        // A caller who hangs up does not cut a COMMIT short: whether the piece is there is known when it is discarded.
        try await Task {
            try await surroundings.transaction(tenantID) { transaction in
                try await ConversationStore(transaction: transaction, tenantID: tenantID).insertChunk(of: id, n, chunk)
            }
        }.value
        try Task.checkCancellation()
        bytes += Int32(chunk.count)
    }
}
