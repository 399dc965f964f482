import FoundationEssentials
import Postgres
import WallTime

/// Something said in a ticket.
struct Comment: Sendable, Hashable {
    static let textMax = 20_000
    static let attachmentsMax = 20

    var id: UUID
    var ticketID: UUID
    var isPublic: Bool
    var text: String
    var attachmentIDs: [UUID] = []
    var author: Actor
    var created: Instant
}

/// One line of a ticket's history.
struct HistoryEntry: Sendable, Hashable {
    var number: Int
    var kind: String
    var time: Instant
    var actor: Actor
    var reason: String
    var changes: [FieldChange]
}

extension TicketStore {
    /// The comments of these tickets, the oldest first, after a place.
    func comments(
        of tickets: [UUID], publicOnly: Bool, after place: (time: Instant, id: UUID)?, limit: Int
    ) async throws -> [Comment] {
        try await transaction.query(
            """
            select comment_id, ticket_id, is_public, text, attachment_ids, actor_kind, actor_id, create_time
            from tickets.ticket_comment
            where tenant_id = \(tenantID) and ticket_id = any(\(tickets)) and (is_public or not \(publicOnly))
                and (\(place == nil) or (create_time, comment_id) > (\(place?.time ?? .earliest), \(place?.id)))
            order by create_time, comment_id
            limit \(limit)
            """
        ).map {
            Comment(
                id: try $0["comment_id"], ticketID: try $0["ticket_id"], isPublic: try $0["is_public"],
                text: try $0["text"],
                attachmentIDs: try $0["attachment_ids"], author: try Actor(row: $0),
                created: try $0["create_time"])
        }
    }

    func insert(_ comment: Comment) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_comment
                (tenant_id, comment_id, ticket_id, is_public, text, attachment_ids, actor_kind, actor_id, create_time)
            values
                (\(tenantID), \(comment.id), \(comment.ticketID), \(comment.isPublic), \(comment.text),
                 \(comment.attachmentIDs), \(comment.author.kind.rawValue), \(comment.author.id), \(comment.created))
            """)
    }

    /// A ticket's history after a number.
    func history(of ticket: UUID, after number: Int, limit: Int) async throws -> [HistoryEntry] {
        try await transaction.query(
            """
            select number, kind, occur_time, actor_kind, actor_id, reason, changes
            from tickets.history_entry
            where tenant_id = \(tenantID) and ticket_id = \(ticket) and number > \(number)
            order by number
            limit \(limit)
            """
        ).map {
            HistoryEntry(
                number: try $0["number"], kind: try $0["kind"], time: try $0["occur_time"],
                actor: try Actor(row: $0),
                reason: try $0["reason"],
                changes: try $0["changes", as: PostgresJSON.self].decode([FieldChange].self))
        }
    }

    func insert(_ entry: HistoryEntry, of ticket: UUID) async throws {
        try await transaction.query(
            """
            insert into tickets.history_entry
                (tenant_id, ticket_id, number, kind, occur_time, actor_kind, actor_id, reason, changes)
            values
                (\(tenantID), \(ticket), \(entry.number), \(entry.kind), \(entry.time), \(entry.actor.kind.rawValue),
                 \(entry.actor.id), \(entry.reason), \(PostgresJSON(entry.changes)))
            """)
    }
}
