import FoundationEssentials
import Postgres
import WallTime

/// A link from one ticket to another.
struct TicketLink: Sendable, Hashable {
    static let perTicketMax = 200

    enum Kind: String, Sendable, Hashable, CaseIterable {
        case related, parent, duplicate, blocked
        case followUp = "follow_up"
        case split

        /// Made by the service alone, and never taken away.
        var isFixed: Bool { self == .followUp || self == .split }
    }

    var id: UUID
    var ticketID: UUID
    var targetID: UUID
    var kind: Kind
    var actor: Actor
    var created: Instant
}

/// One ticket merged into another, and what moved with it.
struct TicketMerge: Sendable, Hashable {
    var id: UUID
    var survivingID: UUID
    var mergedID: UUID
    var reason: String
    var actor: Actor
    var merged: Instant
    var conversationIDs: [UUID]
    var undone: (time: Instant, actor: Actor)?
    var version: Int64 = 1

    static func == (one: TicketMerge, other: TicketMerge) -> Bool {
        one.id == other.id && one.version == other.version
    }
    func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension TicketStore {
    // MARK: - Links

    /// The links from and to a ticket, the oldest first.
    func links(of ticket: UUID) async throws -> [TicketLink] {
        try await transaction.query(
            """
            select link_id, ticket_id, target_ticket_id, kind, actor_kind, actor_id, create_time
            from tickets.ticket_link
            where tenant_id = \(tenantID) and (ticket_id = \(ticket) or target_ticket_id = \(ticket))
            order by create_time, link_id
            limit \(TicketLink.perTicketMax)
            """
        ).map {
            TicketLink(
                id: try $0["link_id"], ticketID: try $0["ticket_id"], targetID: try $0["target_ticket_id"],
                kind: try TicketLink.Kind(stored: $0["kind"]), actor: try Actor(row: $0),
                created: try $0["create_time"])
        }
    }

    func insert(_ link: TicketLink) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_link
                (tenant_id, link_id, ticket_id, target_ticket_id, kind, actor_kind, actor_id, create_time)
            values
                (\(tenantID), \(link.id), \(link.ticketID), \(link.targetID), \(link.kind.rawValue),
                 \(link.actor.kind.rawValue), \(link.actor.id), \(link.created))
            on conflict (tenant_id, ticket_id, target_ticket_id, kind) do nothing
            """)
    }

    func deleteLink(_ id: UUID) async throws {
        try await transaction.query(
            "delete from tickets.ticket_link where tenant_id = \(tenantID) and link_id = \(id)")
    }

    // MARK: - Merges

    func merge(_ id: UUID) async throws -> TicketMerge? {
        try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from tickets.ticket_merge
            where tenant_id = \(tenantID) and merge_id = \(id)
            """
        ).map(TicketMerge.init(row:)).first
    }

    func lockedMerge(_ id: UUID) async throws -> TicketMerge? {
        try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from tickets.ticket_merge
            where tenant_id = \(tenantID) and merge_id = \(id)
            for update
            """
        ).map(TicketMerge.init(row:)).first
    }

    /// The merges a ticket took part in, newest first, after a place.
    func merges(of ticket: UUID, after place: (time: Instant, id: UUID)?, limit: Int) async throws
        -> [TicketMerge]
    {
        try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from tickets.ticket_merge
            where tenant_id = \(tenantID) and (surviving_ticket_id = \(ticket) or merged_ticket_id = \(ticket))
                and (\(place == nil) or (merge_time, merge_id) < (\(place?.time ?? .latest), \(place?.id)))
            order by merge_time desc, merge_id desc
            limit \(limit)
            """
        ).map(TicketMerge.init(row:))
    }

    /// The tickets that are merged into one, also by way of others.
    func mergedInto(_ ticket: UUID) async throws -> [UUID] {
        try await transaction.query(
            """
            with recursive merged (ticket_id) as (
                select merged_ticket_id
                from tickets.ticket_merge
                where tenant_id = \(tenantID) and surviving_ticket_id = \(ticket) and undo_time is null
                union
                select next.merged_ticket_id
                from merged
                join tickets.ticket_merge next on next.surviving_ticket_id = merged.ticket_id
                where next.tenant_id = \(tenantID) and next.undo_time is null
            )
            select ticket_id from merged
            """
        ).map { try $0.decode(UUID.self) }
    }

    func insert(_ merge: TicketMerge) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_merge
                (tenant_id, merge_id, surviving_ticket_id, merged_ticket_id, reason, actor_kind, actor_id, merge_time,
                 conversation_ids)
            values
                (\(tenantID), \(merge.id), \(merge.survivingID), \(merge.mergedID), \(merge.reason),
                 \(merge.actor.kind.rawValue), \(merge.actor.id), \(merge.merged), \(merge.conversationIDs))
            """)
    }

    func undo(_ merge: TicketMerge) async throws {
        try await transaction.query(
            """
            update tickets.ticket_merge
            set undo_time = \(merge.undone?.time), undo_actor_kind = \(merge.undone?.actor.kind.rawValue),
                undo_actor_id = \(merge.undone?.actor.id), version = \(merge.version)
            where tenant_id = \(tenantID) and merge_id = \(merge.id)
            """)
    }

    private static let mergeColumns: SQL = """
        merge_id, surviving_ticket_id, merged_ticket_id, reason, actor_kind, actor_id, merge_time, conversation_ids, undo_time,
        undo_actor_kind, undo_actor_id, version
        """
}

extension TicketMerge {
    fileprivate init(row: Row) throws {
        let time: Instant? = try row["undo_time"]
        self.init(
            id: try row["merge_id"], survivingID: try row["surviving_ticket_id"],
            mergedID: try row["merged_ticket_id"],
            reason: try row["reason"], actor: try Actor(row: row), merged: try row["merge_time"],
            conversationIDs: try row["conversation_ids"],
            undone: try time.map { ($0, try Actor(row: row, "undo_")) }, version: try row["version"])
    }
}
