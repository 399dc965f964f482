import FoundationEssentials
import Postgres
import WallTime

/// Which tickets a list shows: every condition that is not empty must hold.
struct TicketFilter: Sendable {
    var statuses: [TicketStatus] = []
    var types: [TicketType] = []
    var number: String?
    var requesterID: UUID?
    var assigneeID: UUID?
    var isUnassigned = false
    var departmentIDs: [UUID] = []
    /// With all that is below them.
    var categoryIDs: [UUID] = []
    var serviceIDs: [UUID] = []
    var priorityIDs: [UUID] = []
    var label: String?
    var conversationID: UUID?
    var isBreached = false
    var dueBefore: Instant?
    var includesMerged = false
    /// For a caller who may not know of internal ones.
    var publicOnly = false
}

/// The order of a list, and the place in it where a page ends and the next begins.
struct TicketOrder: Sendable {
    enum Field: String, Sendable, CaseIterable {
        case createTime = "create_time"
        case updateTime = "update_time"
        case sequence
    }

    var field = Field.createTime
    var descending = true

    /// Nil for what names no order; empty is the newest first.
    init?(_ text: String) {
        if text.isEmpty { return }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let field = words.first.flatMap({ Field(rawValue: String($0)) }), words.count <= 2,
            words.count == 1 || words[1] == "desc"
        else { return nil }
        self.field = field
        descending = words.count == 2
    }

    /// Microseconds, or the number.
    func key(of ticket: Ticket) -> Int64 {
        switch field {
        case .createTime: ticket.created.microseconds
        case .updateTime: ticket.updated.microseconds
        case .sequence: Int64(ticket.sequence)
        }
    }
}

extension TicketStore {
    func tickets(
        _ filter: TicketFilter, _ order: TicketOrder, after place: (key: Int64, id: UUID)?, limit: Int
    ) async throws -> [Ticket] {
        try await transaction.query(
            """
            select \(fragment: Self.ticketColumns)
            from tickets.ticket
            where tenant_id = \(tenantID)
              and \(fragment: filter.sql(tenantID))
              and \(fragment: place.map(order.sql(after:)) ?? "true")
            order by \(fragment: order.sql)
            limit \(limit)
            """
        ).map(Ticket.init(row:))
    }
}

extension TicketFilter {
    fileprivate func sql(_ tenantID: UUID) -> SQL {
        var all: [SQL] = []
        if !includesMerged { all.append("ticket.merged_into_id is null") }
        if publicOnly { all.append("ticket.type = 'public'") }
        if !statuses.isEmpty { all.append("ticket.status = any(\(statuses.map(\.rawValue)))") }
        if !types.isEmpty { all.append("ticket.type = any(\(types.map(\.rawValue)))") }
        if let number { all.append("ticket.number = \(number)") }
        if let requesterID { all.append("ticket.requester_id = \(requesterID)") }
        if let assigneeID { all.append("ticket.assignee_id = \(assigneeID)") }
        if isUnassigned { all.append("ticket.assignee_id is null") }
        if !departmentIDs.isEmpty { all.append("ticket.department_id = any(\(departmentIDs))") }
        if !categoryIDs.isEmpty { all.append("ticket.category_id = any(\(categoryIDs))") }
        if !serviceIDs.isEmpty { all.append("ticket.service_id = any(\(serviceIDs))") }
        if !priorityIDs.isEmpty { all.append("ticket.priority_id = any(\(priorityIDs))") }
        if let label { all.append("\(label) = any(ticket.labels)") }
        if let conversationID {
            all.append(
                """
                ticket.ticket_id in (
                    select ticket_id from tickets.ticket_conversation
                    where tenant_id = \(tenantID) and conversation_id = \(conversationID)
                )
                """)
        }
        if isBreached {
            all.append(
                """
                ticket.ticket_id in (
                    select ticket_id from tickets.ticket_clock
                    where tenant_id = \(tenantID) and breach_time is not null
                )
                """)
        }
        if let dueBefore {
            all.append(
                """
                ticket.ticket_id in (
                    select ticket_id from tickets.ticket_clock
                    where tenant_id = \(tenantID) and due_time < \(dueBefore)
                )
                """)
        }
        return all.isEmpty ? "true" : .joined(all, by: " and ")
    }
}

extension TicketOrder {
    fileprivate var sql: SQL {
        switch (field, descending) {
        case (.createTime, false): "ticket.create_time, ticket.ticket_id"
        case (.createTime, true): "ticket.create_time desc, ticket.ticket_id desc"
        case (.updateTime, false): "ticket.update_time, ticket.ticket_id"
        case (.updateTime, true): "ticket.update_time desc, ticket.ticket_id desc"
        case (.sequence, false): "ticket.sequence, ticket.ticket_id"
        case (.sequence, true): "ticket.sequence desc, ticket.ticket_id desc"
        }
    }

    fileprivate func sql(after place: (key: Int64, id: UUID)) -> SQL {
        let beyond: SQL = descending ? "<" : ">"
        let time = Instant(microseconds: place.key)
        return switch field {
        case .createTime:
            "(ticket.create_time, ticket.ticket_id) \(fragment: beyond) (\(time), \(place.id))"
        case .updateTime:
            "(ticket.update_time, ticket.ticket_id) \(fragment: beyond) (\(time), \(place.id))"
        case .sequence:
            "(ticket.sequence, ticket.ticket_id) \(fragment: beyond) (\(place.key), \(place.id))"
        }
    }
}
