import FoundationEssentials
import Postgres
import WallTime

extension TicketStore {
    /// A file that begins to come.
    func insert(_ file: Attachment) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_attachment
                (tenant_id, attachment_id, ticket_id, uploader, media_type, file_name, create_time)
            values
                (\(tenantID), \(file.id), \(file.ticketID), \(file.uploader), \(file.mediaType), \(file.fileName),
                 \(file.created))
            """)
    }

    /// One piece of a file's bytes.
    func insertChunk(of attachment: UUID, _ n: Int32, _ bytes: [UInt8]) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_attachment_chunk (tenant_id, attachment_id, n, bytes)
            values (\(tenantID), \(attachment), \(n), \(bytes))
            """)
    }

    /// All of it has come.
    /// - Returns: whether it was there: what takes too long is swept.
    func finish(_ file: Attachment) async throws -> Bool {
        try await transaction.query(
            """
            update tickets.ticket_attachment
            set is_whole = true, size_bytes = \(Int32(file.bytes)), sha256 = \(file.sha256)
            where tenant_id = \(tenantID) and attachment_id = \(file.id)
            """
        ).affected == 1
    }

    /// Removes a file with its bytes.
    func deleteAttachment(_ id: UUID) async throws {
        try await transaction.query(
            """
            delete from tickets.ticket_attachment
            where tenant_id = \(tenantID) and attachment_id = \(id) and not is_shown
            """)
    }

    /// Removes some of the files that no comment has shown since a moment.
    func deleteAttachmentsNotShown(since time: Instant, limit: Int) async throws {
        try await transaction.query(
            """
            delete from tickets.ticket_attachment
            where tenant_id = \(tenantID) and attachment_id in (
                select attachment_id
                from tickets.ticket_attachment
                where tenant_id = \(tenantID) and not is_shown and create_time < \(time)
                order by create_time
                limit \(limit)
                for update skip locked
            )
            """)
    }

    /// The whole ones of these files, in no order.
    func attachments(_ ids: [UUID]) async throws -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        return try await transaction.query(
            """
            select attachment_id, ticket_id, uploader, is_shown, is_public, media_type, file_name, size_bytes, sha256, create_time
            from tickets.ticket_attachment
            where tenant_id = \(tenantID) and attachment_id = any(\(ids)) and is_whole
            """
        ).map(Attachment.init(row:))
    }

    /// Shows files with a comment.
    /// - Returns: how many of them were there.
    func show(_ ids: [UUID], of ticket: UUID, isPublic: Bool) async throws -> Int {
        try await transaction.query(
            """
            update tickets.ticket_attachment
            set is_shown = true, is_public = is_public or \(isPublic)
            where tenant_id = \(tenantID) and attachment_id = any(\(ids)) and ticket_id = \(ticket) and is_whole
            """
        ).affected
    }

    func chunk(of attachment: UUID, _ n: Int32) async throws -> [UInt8]? {
        try await transaction.query(
            """
            select bytes
            from tickets.ticket_attachment_chunk
            where tenant_id = \(tenantID) and attachment_id = \(attachment) and n = \(n)
            """
        ).only?.decode([UInt8].self)
    }
}

extension Attachment {
    fileprivate init(row: Row) throws {
        let size: Int32 = try row["size_bytes"]
        self.init(
            id: try row["attachment_id"], ticketID: try row["ticket_id"], uploader: try row["uploader"],
            isShown: try row["is_shown"], isPublic: try row["is_public"], mediaType: try row["media_type"],
            fileName: try row["file_name"], bytes: Int(size), sha256: try row["sha256"], created: try row["create_time"])
    }
}
