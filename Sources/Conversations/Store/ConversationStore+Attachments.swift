import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    func insert(_ attachment: Attachment) async throws {
        let a = attachment
        try await transaction.query(
            """
            insert into conversations.attachment
                (tenant_id, attachment_id, channel_account_id, conversation_id, uploader, kind, media_type, file_name,
                 size_bytes, sha256, create_time)
            values
                (\(tenantID), \(a.id), \(a.channelAccountID), \(a.conversationID), \(a.uploader), \(a.kind.rawValue),
                 \(a.mediaType), \(a.fileName), \(a.bytes), \(a.sha256), \(a.created))
            """)
    }

    /// One piece of a file's bytes, at most 256 KiB. Pieces may stand before their file does: it is written last.
    func insertChunk(of attachment: UUID, _ n: Int32, _ bytes: [UInt8]) async throws {
        try await transaction.query(
            """
            insert into conversations.attachment_chunk (tenant_id, attachment_id, n, bytes)
            values (\(tenantID), \(attachment), \(n), \(bytes))
            """)
    }

    func deleteChunks(of attachment: UUID) async throws {
        try await transaction.query(
            """
            delete from conversations.attachment_chunk
            where tenant_id = \(tenantID) and attachment_id = \(attachment)
            """)
    }

    func chunk(of attachment: UUID, _ n: Int32) async throws -> [UInt8]? {
        try await transaction.query(
            """
            select bytes
            from conversations.attachment_chunk
            where tenant_id = \(tenantID) and attachment_id = \(attachment) and n = \(n)
            """
        ).only?.decode([UInt8].self)
    }

    func attachments(_ ids: [UUID]) async throws -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        return try await transaction.query(
            """
            select attachment_id, channel_account_id, conversation_id, uploader, kind, media_type, file_name, size_bytes,
                   sha256, create_time
            from conversations.attachment
            where tenant_id = \(tenantID) and attachment_id = any(\(ids))
            """
        ).map(Attachment.init(row:))
    }

    func deleteUnsentFiles(before time: Instant) async throws {
        try await transaction.query(
            """
            delete from conversations.attachment
            where tenant_id = \(tenantID) and conversation_id is null and create_time < \(time)
            """)
    }

    /// Pieces of files that have no row; ids are in the order of time, so younger uploads are not looked at.
    func deleteLooseChunks(before id: UUID) async throws {
        try await transaction.query(
            """
            delete from conversations.attachment_chunk as chunk
            where tenant_id = \(tenantID) and attachment_id < \(id)
                and not exists (
                    select from conversations.attachment
                    where attachment.tenant_id = \(tenantID) and attachment.attachment_id = chunk.attachment_id
                )
            """)
    }

    /// Gives free files to a conversation; each can be given to one.
    /// - Returns: how many are the conversation's now.
    func bind(_ ids: [UUID], to conversation: UUID) async throws -> Int {
        try await transaction.query(
            """
            update conversations.attachment
            set conversation_id = \(conversation)
            where tenant_id = \(tenantID) and attachment_id = any(\(ids))
                and (conversation_id is null or conversation_id = \(conversation))
            """
        ).affected
    }
}

extension Attachment {
    fileprivate init(row: Row) throws {
        id = try row["attachment_id"]
        channelAccountID = try row["channel_account_id"]
        conversationID = try row["conversation_id"]
        uploader = try row["uploader"]
        kind = try row.word("kind")
        mediaType = try row["media_type"]
        fileName = try row["file_name"]
        bytes = try row["size_bytes"]
        sha256 = try row["sha256"]
        created = try row["create_time"]
    }
}
