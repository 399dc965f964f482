import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import TenancyV1
import Testing
import WallTime

@testable import Conversations
@testable import ServiceDatabase

@Suite("Retention: what is old enough goes, and what is needed stays")
struct RetentionTests {
    @Test("P3: messages of closed conversations go after the tenant's time, in batches; an open one keeps all it has")
    func P3_messages() async throws {
        try await withInbox { inbox, tenant in
            let open = try await inbox.customer("stays", says: "canary of the open one", of: tenant).conversation!
            var closed: [String] = []
            // More than one batch deletes.
            for number in 0..<60 {
                let conversation = try await inbox.customer("goes-\(number)", says: "canary \(number)", of: tenant).conversation!
                _ = try await inbox.accept(conversation.conversationID, by: tenant.ana, of: tenant)
                closed.append(try await inbox.close(conversation.conversationID, by: tenant.ana, of: tenant).conversationID)
            }
            try inbox.advance(.days(400))
            // Nothing was chosen: messages are kept for good.
            #expect(try await inbox.retention.work() == 0)
            let rule = try await inbox.keep("messages", .days(365), of: tenant)
            #expect(rule.chosen && rule.keep?.seconds == 365 * 86_400)

            #expect(try await inbox.retention.work() == 60)
            #expect(try await inbox.retention.work() == 0)
            let left = try await inbox.count("select count(*) from conversations.message", of: tenant)
            #expect(left == 1)
            #expect(try await inbox.count("select count(*) from conversations.inbound_message", of: tenant) == 1)
            let gone = try await inbox.get(closed[0], by: tenant.admin, of: tenant)
            #expect(gone.state == .closed && gone.firstLine.isEmpty && gone.lastLine.isEmpty)
            #expect(try await inbox.get(open.conversationID, by: tenant.admin, of: tenant).firstLine == "canary of the open one")
        }
    }

    @Test("P3: a time that is not over yet deletes nothing, and one out of range or for what is not kept is refused")
    func P3_ranges() async throws {
        try await withInbox { inbox, tenant in
            let conversation = try await inbox.customer("v", of: tenant).conversation!
            _ = try await inbox.accept(conversation.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.close(conversation.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.keep("messages", .days(30), of: tenant)
            try inbox.advance(.days(30))
            #expect(try await inbox.retention.work() == 0)
            try inbox.advance(.seconds(1))
            #expect(try await inbox.retention.work() == 1)

            for (category, days) in [("messages", 29), ("messages", 3_651), ("events", 29), ("everything", 100)] {
                let refused = await reason { _ = try await inbox.keep(category, .days(days), of: tenant) }
                #expect(refused == "INVALID_FIELD", "\(category) \(days)")
            }
            let back = try await inbox.keep("messages", nil, of: tenant)
            #expect(!back.chosen && back.keep == nil)
        }
    }

    @Test("P3: files of closed conversations go with their bytes after the tenant's time; an open one keeps its own")
    func P3_attachments() async throws {
        try await withInbox { inbox, tenant in
            let open = try await inbox.customer("stays", of: tenant).conversation!
            let closed = try await inbox.customer("goes", of: tenant).conversation!
            _ = try await inbox.accept(closed.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.close(closed.conversationID, by: tenant.ana, of: tenant)
            for conversation in [open, closed] {
                let (file, id) = (UUID.v7(at: .now), try #require(UUID(id: conversation.conversationID)))
                try await inbox.database.withAdministrator {
                    _ = try await $0.query(
                        """
                        with file as (
                            insert into conversations.attachment
                                (tenant_id, attachment_id, channel_account_id, conversation_id, uploader, kind, media_type,
                                 file_name, size_bytes, sha256, create_time)
                            values
                                (\(tenant.id), \(file), \(tenant.webchat), \(id), 'service:channels', 'image', 'image/png',
                                 'a.png', 3, '', \(inbox.surroundings.clock.now))
                        )
                        insert into conversations.attachment_chunk (tenant_id, attachment_id, n, bytes)
                        values (\(tenant.id), \(file), 0, 'abc')
                        """)
                }
            }
            _ = try await inbox.keep("attachments", .days(90), of: tenant)
            try inbox.advance(.days(90))
            #expect(try await inbox.retention.work() == 0)
            try inbox.advance(.days(1))
            #expect(try await inbox.retention.work() == 1)
            for table in ["attachment", "attachment_chunk"] {
                #expect(try await inbox.count("select count(*) from conversations.\(identifier: table)", of: tenant) == 1)
            }
            let files = try await inbox.count(
                "select count(*) from conversations.attachment where conversation_id = \(UUID(id: open.conversationID))",
                of: tenant)
            #expect(files == 1)
        }
    }

    @Test("P3: events and stored answers go after the tenant's time, of this tenant alone")
    func P3_eventsAndAnswers() async throws {
        try await withInbox { inbox, tenant in
            let other = Tenant(2)
            for one in [tenant, other] {
                let conversation = try await inbox.customer("v", of: one).conversation!
                _ = try await inbox.accept(conversation.conversationID, by: one.ana, of: one)
            }
            let events =
                "select count(*) from conversations.event where tenant_id = current_setting('switchboard.tenant_id')::uuid"
                as SQL
            let answers = "select count(*) from conversations.idempotent_request" as SQL
            let before = try await inbox.count(events, of: other)
            #expect(try await inbox.count(events, of: tenant) > 0)
            #expect(try await inbox.count(answers, of: tenant) > 0)
            _ = try await inbox.keep("events", .days(30), of: tenant)
            _ = try await inbox.keep("stored_answers", .days(1), of: tenant)
            // Stored answers go by the machine's time.
            try await inbox.database.withAdministrator {
                _ = try await $0.query(
                    "update conversations.idempotent_request set expire_time = clock_timestamp() + interval '23 hours'")
            }
            try inbox.advance(.days(31))
            #expect(try await inbox.retention.work() > 0)
            #expect(try await inbox.count(events, of: tenant) == 0)
            #expect(try await inbox.count(answers, of: tenant) == 0)
            #expect(try await inbox.count(events, of: other) == before)
            #expect(try await inbox.count(answers, of: other) > 0)
            // The log goes on behind the gap.
            _ = try await inbox.customer("w", of: tenant)
            var told = 0
            for try await batch in surroundingsEvents(inbox) {
                told += batch.events.count { $0.tenantID == tenant.id }
                if batch.isLive { break }
            }
            #expect(told > 0)
        }
    }

    private func surroundingsEvents(_ inbox: Inbox) -> EventBatchSequence { inbox.surroundings.events.batches() }
}

extension Inbox {
    fileprivate var retention: RetentionWorker {
        RetentionWorker(
            schema: "conversations", pool: surroundings.pool, data: ConversationsModule.tenantData, clock: surroundings.clock,
            logger: .quiet)
    }

    fileprivate func keep(_ category: String, _ keep: Swift.Duration?, of tenant: Tenant) async throws -> RetentionRule {
        let service = TenantDataService(
            schema: "conversations", pool: surroundings.pool, data: ConversationsModule.tenantData)
        let request = UpdateRetentionRequest(category: category, keep: keep.map { GoogleProtobuf.Duration($0) })
        let context = bySystem("switchboard", of: tenant, TenantDataServiceDescriptor.updateRetention)
        return try #require(try await service.updateRetention(request, context).rule)
    }

    fileprivate func count(_ sql: SQL, of tenant: Tenant) async throws -> Int {
        try await surroundings.transaction(tenant.id, readOnly: true) { try await $0.query(sql)[0].decode(Int.self) }
    }
}
