import Foundation
import GRPC
import Logging
import PostgresTesting
import ServiceDatabase
import ServiceRuntime
import Testing
import TicketsV1
import Trials
import WallTime

@testable import Tickets

/// The tickets service in this process, over real sockets and a database of its own; nobody else is there.
@Suite("Files of tickets")
struct AttachmentTests {
    @Test("a file goes up and comes down the same, in pieces; a comment shows it, and then whoever sees the comment has it")
    func roundTrip() async throws {
        try await FileDesk.with { desk in
            let ticket = try await desk.ticket()
            let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let file = try await desk.upload(bytes, to: ticket, name: "../x/\u{202E}invoice\u{0007}.pdf", by: "ana")
            #expect(Int(file.sizeBytes) == bytes.count && file.fileName == "invoice.pdf" && file.mediaType == "application/pdf")
            let (down, largest) = try await desk.download(file.attachmentID, by: "ana")
            #expect(down == bytes && largest <= 262_144)
            // His alone until a comment shows it.
            func read(_ person: String, role: String = "agent") async -> String {
                await told { try await desk.download(file.attachmentID, by: person, role: role) }
            }
            #expect(await read("bob") == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            #expect(await desk.comment([file.attachmentID], on: ticket, by: "bob") == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            #expect(
                await desk.comment([file.attachmentID], on: try await desk.ticket(), by: "ana")
                    == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            #expect(await desk.comment([file.attachmentID], on: ticket, by: "ana") == "")
            let shown = try await desk.tickets.listComments(ListCommentsRequest(ticketID: ticket), try await desk.by("bob"))
                .comments
            #expect(shown.map(\.attachmentIDs) == [[file.attachmentID]])
            #expect(await read("bob") == "")
            // Another tenant's is as unknown as none.
            let foreign = GetTicketAttachmentRequest(attachmentID: file.attachmentID)
            #expect(
                await told { try await desk.files.getTicketAttachment(foreign, try await desk.by("eve", of: .v7(at: .now))) }
                    == "NOT_FOUND ATTACHMENT_NOT_FOUND")
        }
    }

    @Test(
        "an internal comment's file is nothing for who does not see internal ones, a public one's is; an internal ticket's never")
    func visibility() async throws {
        try await withDesk { desk in
            let files = TicketAttachmentsService(surroundings: desk.surroundings)
            /// Whether a bot, which sees nothing internal, may have it.
            func isShown(_ file: String) async -> Bool {
                let request = GetTicketAttachmentRequest(attachmentID: file)
                return (try? await files.getTicketAttachment(request, desk.caller(kind: .bot))) != nil
            }
            let ticket = try await desk.create(.init(subject: "broken")).ticketID
            let hidden = try await desk.create(.init(subject: "broken", type: .internal)).ticketID
            let (own, theirs, deep) = (
                try await desk.uploaded(to: ticket), try await desk.uploaded(to: ticket), try await desk.uploaded(to: hidden)
            )
            try await desk.show(own, on: ticket, isPublic: false)
            try await desk.show(theirs, on: ticket, isPublic: true)
            try await desk.show(deep, on: hidden, isPublic: true)
            #expect(await !isShown(own))
            #expect(await isShown(theirs))
            #expect(await !isShown(deep))
            // What is shown in public later is public.
            try await desk.show(own, on: ticket, isPublic: true)
            #expect(await isShown(own))
        }
    }

    @Test("an erased contact's tickets keep no file, also none that no comment shows yet; others' tickets keep theirs")
    func erased() async throws {
        try await withDesk { desk in
            let (gone, other) = (UUID.v7(at: .now), UUID.v7(at: .now))
            desk.neighbours.add(gone)
            desk.neighbours.add(other)
            let ticket = try await desk.create(.init(subject: "broken", requesterID: gone.text)).ticketID
            let kept = try await desk.create(.init(subject: "broken", requesterID: other.text)).ticketID
            try await desk.show(try await desk.uploaded(to: ticket), on: ticket, isPublic: true)
            _ = try await desk.uploaded(to: ticket)
            let theirs = try await desk.uploaded(to: kept)
            try await desk.show(theirs, on: kept, isPublic: true)
            try await desk.surroundings.tenants.transaction(as: desk.tenantID) { transaction in
                try await desk.surroundings.ownWork(desk.tenantID, transaction).erase([gone], erasureID: "e-1")
            }
            let left = try await desk.database.withAdministrator { administrator in
                let files = try await administrator.query("select attachment_id from tickets.ticket_attachment")
                    .map { try $0.decode(UUID.self).text }
                let pieces = try await administrator.query("select attachment_id from tickets.ticket_attachment_chunk")
                    .map { try $0.decode(UUID.self).text }
                return [files, pieces]
            }
            #expect(left == [[theirs], [theirs]])
        }
    }

    @Test(
        "what is too large, not what was announced, empty or for no ticket is refused and leaves nothing; the same request is one file"
    )
    func refusals() async throws {
        try await FileDesk.with { desk in
            let ticket = try await desk.ticket()
            func attempt(_ bytes: [UInt8], to ticket: String, type: String = "text/plain", sha256: String = "") async -> String {
                await told { try await desk.upload(bytes, to: ticket, type: type, sha256: sha256, by: "ana") }
            }
            let hello = Array("hello".utf8)
            #expect(
                await attempt(Array(repeating: 1, count: Tickets.Attachment.bytesMax + 1), to: ticket)
                    == "RESOURCE_EXHAUSTED ATTACHMENT_TOO_LARGE")
            #expect(
                await attempt(hello, to: ticket, sha256: String(repeating: "0", count: 64))
                    == "INVALID_ARGUMENT ATTACHMENT_HASH_MISMATCH header.sha256")
            #expect(await attempt([], to: ticket).hasPrefix("INVALID_ARGUMENT INVALID_FIELD"))
            #expect(await attempt(hello, to: ticket, type: "nonsense") == "INVALID_ARGUMENT INVALID_FIELD header.media_type")
            #expect(await attempt(hello, to: UUID().uuidString.lowercased()) == "NOT_FOUND TICKET_NOT_FOUND")
            #expect(try await desk.rows() == [0, 0])
            let request = UUID().uuidString.lowercased()
            let first = try await desk.upload(hello, to: ticket, requestID: request, by: "ana")
            let again = try await desk.upload(hello, to: ticket, requestID: request, by: "ana")
            #expect(first == again)
            #expect(
                await told { try await desk.upload(Array("other".utf8), to: ticket, requestID: request, by: "ana") }
                    == "FAILED_PRECONDITION REQUEST_ID_REUSED")
            #expect(try await desk.rows() == [1, 1])
            // What no comment shows for a day is swept by the next upload; what one shows stays.
            let kept = try await desk.upload(hello, to: ticket, by: "ana").attachmentID
            #expect(await desk.comment([kept], on: ticket, by: "ana") == "")
            try desk.clock.set(desk.clock.now.advanced(by: .seconds(86_401)))
            let new = try await desk.upload(hello, to: ticket, by: "ana").attachmentID
            #expect(try await desk.rows() == [2, 2])
            #expect(await told { try await desk.download(first.attachmentID, by: "ana") } == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            for id in [kept, new] { #expect(try await desk.download(id, by: "ana").bytes == hello) }
        }
    }
}

private struct FileDesk: Sendable {
    let tickets: TicketsServiceClient
    let files: TicketAttachmentsServiceClient
    let clock: ProductClock
    let keys: LocalKeys
    let database: TestDatabase
    let tenantID = UUID.v7(at: .now)

    static func with(_ body: @escaping @Sendable (FileDesk) async throws -> Void) async throws {
        try await withTestDatabase(migrating: TicketsModule.migrations!) { (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: ["tickets"])
            let clockPath = "\(directory)/clock"
            let clock = ProductClock(file: try TestClockFile(path: clockPath, start: .now))
            let environment = [
                "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: "tickets"),
                "SWITCHBOARD_DRAIN_GRACE": "1s", "SWITCHBOARD_TEST_CLOCK": clockPath,
                "SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: "tickets"),
                "SWITCHBOARD_CONTACTS_ADDRESSES": "127.0.0.1:1", "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1",
                "SWITCHBOARD_ROUTING_ADDRESSES": "127.0.0.1:1",
            ]
            try await RunningService<TicketsModule>.during(environment: environment, logger: .quiet) {
                (_, address, _) async throws in
                let channel = GRPC.Channel(addresses: [address])
                try await body(
                    FileDesk(
                        tickets: TicketsServiceClient(channel), files: TicketAttachmentsServiceClient(channel), clock: clock,
                        keys: keys, database: database))
                await channel.close()
            }
        }
    }

    func by(_ person: String, role: String = "agent", of tenant: UUID? = nil) async throws -> CallOptions {
        let id = UUID.derived(from: person)
        let token = try await keys.agentToken(
            tenantID: tenant ?? tenantID, agentID: id, name: person, roles: [role], now: clock.now)
        return CallOptions(timeout: .seconds(60), metadata: ["authorization": "Bearer \(token)"])
    }

    func ticket() async throws -> String {
        let made = try await tickets.createTicket(
            CreateTicketRequest(ticket: TicketsV1.Ticket(subject: "broken")), try await by("ana"))
        return try #require(made.ticket?.ticketID)
    }

    func upload(
        _ bytes: [UInt8], to ticket: String, type: String = "application/pdf", name: String = "a.pdf", sha256: String = "",
        requestID: String = "", by person: String
    ) async throws -> TicketAttachment {
        let header = TicketAttachmentHeader(
            ticketID: ticket, mediaType: type, fileName: name, sha256: sha256, requestID: requestID)
        let answer = try await files.uploadTicketAttachment(try await by(person)) { pieces in
            try await pieces.write(UploadTicketAttachmentRequest(piece: .header(header)))
            for start in stride(from: 0, to: bytes.count, by: 100_000) {
                let piece = Array(bytes[start..<min(start + 100_000, bytes.count)])
                try await pieces.write(UploadTicketAttachmentRequest(piece: .data(piece)))
            }
        }
        return try #require(answer.attachment)
    }

    @discardableResult
    func download(_ id: String, by person: String, role: String = "agent") async throws -> (bytes: [UInt8], largest: Int) {
        var (bytes, largest): ([UInt8], Int) = ([], 0)
        let request = DownloadTicketAttachmentRequest(attachmentID: id)
        for try await response in files.downloadTicketAttachment(request, try await by(person, role: role)) {
            guard case .data(let piece)? = response.piece else { continue }
            bytes += piece
            largest = max(largest, piece.count)
        }
        return (bytes, largest)
    }

    /// What a comment with these files was refused with; empty: it is there.
    func comment(_ files: [String], on ticket: String, isPublic: Bool = false, by person: String) async -> String {
        let comment = TicketsV1.Comment(visibility: isPublic ? .public : .internal, text: "see", attachmentIDs: files)
        return await told {
            try await tickets.addComment(AddCommentRequest(ticketID: ticket, comment: comment), try await by(person))
        }
    }

    /// How many files and pieces there are.
    func rows() async throws -> [Int] {
        try await database.withAdministrator { administrator in
            let files = try await administrator.query("select from tickets.ticket_attachment").count
            return [files, try await administrator.query("select from tickets.ticket_attachment_chunk").count]
        }
    }
}

/// What a call over the network was refused with: code, reason, and the fields it names; empty for none.
private func told<Answer>(_ call: () async throws -> Answer) async -> String {
    do {
        _ = try await call()
        return ""
    } catch let error as RPCError {
        return (["\(error.code)", error.reason ?? "-"] + error.wrongFields.map(\.field)).joined(separator: " ")
    } catch {
        return "\(error)"
    }
}

extension Desk {
    /// A whole file that no comment shows yet.
    fileprivate func uploaded(to ticket: String) async throws -> String {
        let header = try AttachmentHeader(TicketAttachmentHeader(ticketID: ticket, mediaType: "text/plain"))
        var upload = AttachmentUpload(surroundings, try Caller(caller()), header)
        try await upload.begin()
        try await upload.add(Array("hello".utf8))
        let file = try await upload.finish()
        try await surroundings.tenants.transaction(as: tenantID) { transaction in
            let isThere = try await TicketStore(transaction: transaction, tenantID: tenantID).finish(file)
            #expect(isThere)
        }
        return file.id.text
    }

    fileprivate func show(_ file: String, on ticket: String, isPublic: Bool) async throws {
        let comment = TicketsV1.Comment(visibility: isPublic ? .public : .internal, text: "see", attachmentIDs: [file])
        _ = try await tickets.addComment(AddCommentRequest(ticketID: ticket, comment: comment), caller())
    }
}
