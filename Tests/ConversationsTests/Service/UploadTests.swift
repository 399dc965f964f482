import ConversationsV1
import Crypto
import Foundation
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("Attachments: up in pieces, down in pieces")
struct UploadTests {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private func upload(
        _ bytes: [UInt8], type: String = "image/png", name: String = "a.png", sha256: String = "", by agent: UUID, in id: String,
        _ inbox: Inbox, _ tenant: Tenant
    ) async throws -> Conversations.Attachment {
        let context = inbox.by(agent, of: tenant)
        let caller = try Caller(machine: context)
        var violations = Violations()
        let header = Upload.Header(AttachmentHeader(mediaType: type, fileName: name, sha256: sha256), &violations)
        try violations.check()
        let account = try await inbox.surroundings.read(context) { work in
            try await work.account(of: work.readable(UUID(id: id)!))
        }
        var upload = Upload(inbox.surroundings, caller, account, header, keepsToRules: true)
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            try await upload.add(Array(bytes[start..<min(start + 100_000, bytes.count)]))
        }
        let attachment = try await upload.finish()
        try await inbox.surroundings.transaction(tenant.id) { transaction in
            try await ConversationStore(transaction: transaction, tenantID: tenant.id).insert(attachment)
        }
        return attachment
    }

    @Test("a file of 1 MiB goes up and comes down the same, in pieces of at most 256 KiB, and a message carries it")
    func roundTrip() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let bytes = Self.png + (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
            let file = try await upload(
                bytes, name: "../x/\u{202E}holiday\u{0007}.png", sha256: digest, by: tenant.ana, in: id, inbox, tenant)
            #expect(file.kind == .image && file.sha256 == digest && Int(file.bytes) == bytes.count)
            #expect(file.fileName == "holiday.png")
            let sent = try await inbox.service.sendMessage(
                SendMessageRequest(conversationID: id, requestID: UUID().text, attachmentIDs: [file.id.text]),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.sendMessage))
            #expect(sent.message?.attachments.map(\.attachmentID) == [file.id.text] && sent.conversation?.lastLine == "[image]")
            var (down, largest): ([UInt8], Int) = ([], 0)
            try await inbox.surroundings.sendChunks(of: file, tenant.id) { chunk in
                down += chunk
                largest = max(largest, chunk.count)
            }
            #expect(down == bytes && largest <= 262_144)
        }
    }

    @Test("S32: kinds, sizes and hashes the channel's row does not allow are refused and leave no file")
    func S32_refusals() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            func attempt(_ bytes: [UInt8], _ type: String = "image/png", sha256: String = "") async -> String {
                await reason { try await upload(bytes, type: type, sha256: sha256, by: tenant.ana, in: id, inbox, tenant) }
            }
            #expect(await attempt(Array("ID3 sound".utf8) + Self.png) == "ATTACHMENT_TYPE_NOT_ALLOWED")
            #expect(await attempt(Array("%PDF-1.7 a document".utf8)) == "ATTACHMENT_TYPE_NOT_ALLOWED")
            #expect(await attempt(Self.png, sha256: String(repeating: "0", count: 64)) == "ATTACHMENT_HASH_MISMATCH")
            #expect(await attempt([]) == "INVALID_FIELD")
            #expect(await attempt(Self.png, "nonsense") == "INVALID_FIELD")
            #expect(await attempt(Self.png) == "OK")
        }
    }

    @Test("a file of somebody else's cannot be sent")
    func othersFiles() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let file = try await upload(Self.png, by: tenant.cleo, in: id, inbox, tenant)
            let request = SendMessageRequest(conversationID: id, requestID: UUID().text, attachmentIDs: [file.id.text])
            #expect(
                await reason { try await inbox.service.sendMessage(request, inbox.by(tenant.ana, of: tenant)) }
                    == "ATTACHMENT_NOT_FOUND")
            let get = GetAttachmentRequest(attachmentID: file.id.text)
            #expect(
                await reason { try await inbox.files.getAttachment(get, inbox.by(tenant.ana, of: tenant)) }
                    == "ATTACHMENT_NOT_FOUND")
            #expect(await reason { try await inbox.files.getAttachment(get, inbox.by(tenant.cleo, of: tenant)) } == "OK")
        }
    }

    @Test("a file belongs to one conversation: whoever gives it to two at once gives it to one")
    func filesAreGivenOnce() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for address in ["v1", "v2"] {
                ids.append(try await inbox.customer(address, of: tenant).conversation!.conversationID)
                _ = try await inbox.accept(ids.last!, by: tenant.ana, of: tenant)
            }
            for _ in 0..<5 {
                let file = try await upload(Self.png, by: tenant.ana, in: ids[0], inbox, tenant)
                let outcomes = await withTaskGroup(of: String.self) { group in
                    for id in ids {
                        let request = SendMessageRequest(
                            conversationID: id, requestID: UUID().text, attachmentIDs: [file.id.text])
                        group.addTask {
                            await reason {
                                try await inbox.service.sendMessage(
                                    request, inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.sendMessage))
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.sorted() == ["ATTACHMENT_NOT_FOUND", "OK"])
            }
        }
    }

    @Test("what nobody sent within a day is swept; what a message carries stays")
    func sweep() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let kept = try await upload(Self.png, by: tenant.ana, in: id, inbox, tenant)
            let unsent = try await upload(Self.png, by: tenant.ana, in: id, inbox, tenant)
            _ = try await inbox.service.sendMessage(
                SendMessageRequest(conversationID: id, requestID: UUID().text, attachmentIDs: [kept.id.text]),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.sendMessage))
            try inbox.advance(.seconds(86_401))
            try await inbox.surroundings.sweepAttachments()
            try await inbox.surroundings.transaction(tenant.id) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenant.id)
                let rows = try await store.attachments([kept.id, unsent.id]).map(\.id)
                let (carried, swept) = (try await store.chunk(of: kept.id, 0), try await store.chunk(of: unsent.id, 0))
                #expect(rows == [kept.id] && carried == Self.png && swept == nil)
            }
        }
    }
}
