import FoundationEssentials
import Postgres
import WallTime

/// The tables of tickets, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct TicketStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading tickets

extension TicketStore {
    /// The tickets with these ids, in no order; unknown ones are missing.
    func tickets(_ ids: [UUID]) async throws -> [Ticket] {
        try await transaction.query(
            """
            select \(fragment: Self.ticketColumns)
            from tickets.ticket
            where tenant_id = \(tenantID) and ticket_id = any(\(ids))
            """
        ).map(Ticket.init(row:))
    }

    /// The tickets, locked until the transaction ends, in the order of their ids, so that two calls never wait for each other.
    func lockedTickets(_ ids: [UUID]) async throws -> [Ticket] {
        try await transaction.query(
            """
            select \(fragment: Self.ticketColumns)
            from tickets.ticket
            where tenant_id = \(tenantID) and ticket_id = any(\(ids))
            order by ticket_id
            for update
            """
        ).map(Ticket.init(row:))
    }

    static let ticketColumns: SQL = """
        ticket_id, number, sequence, status, status_reason, subject, description, type, requester_id, service_id, category_id,
        priority_id, assignee_id, assignee_follows, department_id, labels, waiting_on, policy_id, merged_into_id,
        follow_up_of_id, split_from_id, create_time, update_time, resolve_time, end_time, version, history_count, channel
        """
}

// MARK: - Writing tickets

extension TicketStore {
    /// The tenant's next number. Its row stays locked until the transaction ends: a number that is rolled back is given out again.
    func nextSequence() async throws -> Int {
        try await transaction.query(
            """
            insert into tickets.ticket_counter as counter (tenant_id, last_number)
            values (\(tenantID), 1)
            on conflict (tenant_id) do update set last_number = counter.last_number + 1
            returning last_number
            """
        )[0].decode(Int.self)
    }

    func insert(_ ticket: Ticket) async throws {
        let (t, fields) = (ticket, ticket.fields)
        try await transaction.query(
            """
            insert into tickets.ticket
                (tenant_id, ticket_id, number, sequence, status, status_reason, subject, description, type, requester_id,
                 service_id, category_id, priority_id, assignee_id, assignee_follows, department_id, labels, waiting_on,
                 policy_id, follow_up_of_id, split_from_id, create_time, update_time, version, history_count,
                 channel)
            values
                (\(tenantID), \(t.id), \(t.number), \(t.sequence), \(t.status.rawValue), \(t.statusReason), \(fields.subject),
                 \(fields.description), \(fields.type.rawValue), \(fields.requesterID), \(fields.serviceID),
                 \(fields.categoryID), \(fields.priorityID), \(fields.assigneeID), \(t.assigneeFollows),
                 \(fields.departmentID), \(fields.labels), \(t.waitingOn.rawValue), \(t.policyID), \(t.followUpOf),
                 \(t.splitFrom), \(t.created), \(t.updated), \(t.version), \(t.historyCount), \(t.channel))
            """)
    }

    /// Everything of a ticket that changes. The row is locked by the caller, so its version is the one that was read.
    func update(_ ticket: Ticket) async throws {
        let (t, fields) = (ticket, ticket.fields)
        try await transaction.query(
            """
            update tickets.ticket
            set status = \(t.status.rawValue), status_reason = \(t.statusReason), subject = \(fields.subject),
                description = \(fields.description), type = \(fields.type.rawValue), requester_id = \(fields.requesterID),
                service_id = \(fields.serviceID), category_id = \(fields.categoryID), priority_id = \(fields.priorityID),
                assignee_id = \(fields.assigneeID), assignee_follows = \(t.assigneeFollows),
                department_id = \(fields.departmentID), labels = \(fields.labels), waiting_on = \(t.waitingOn.rawValue),
                policy_id = \(t.policyID), merged_into_id = \(t.mergedInto), update_time = \(t.updated),
                resolve_time = \(t.resolved), end_time = \(t.ended), version = \(t.version),
                history_count = \(t.historyCount)
            where tenant_id = \(tenantID) and ticket_id = \(t.id)
            """)
    }
}

// MARK: - Rows

extension Ticket {
    init(row: Row) throws {
        self.init(
            id: try row["ticket_id"], number: try row["number"], sequence: try row["sequence"],
            status: try TicketStatus(stored: row["status"]), statusReason: try row["status_reason"],
            fields: try TicketFields(row: row), assigneeFollows: try row["assignee_follows"],
            waitingOn: try WaitingOn(stored: row["waiting_on"]), policyID: try row["policy_id"],
            mergedInto: try row["merged_into_id"], followUpOf: try row["follow_up_of_id"],
            splitFrom: try row["split_from_id"], channel: try row["channel"], created: try row["create_time"],
            updated: try row["update_time"],
            resolved: try row["resolve_time"], ended: try row["end_time"], version: try row["version"],
            historyCount: try row["history_count"])
    }
}

extension TicketFields {
    init(row: Row) throws {
        self.init(
            subject: try row["subject"], description: try row["description"],
            type: try TicketType(stored: row["type"]),
            requesterID: try row["requester_id"], serviceID: try row["service_id"],
            categoryID: try row["category_id"],
            priorityID: try row["priority_id"], assigneeID: try row["assignee_id"],
            departmentID: try row["department_id"],
            labels: try row["labels"])
    }
}

extension RawRepresentable<String> {
    /// A word of a column that a constraint holds to the words we know; an unknown one was written by a newer release.
    init(stored text: String) throws {
        guard let value = Self(rawValue: text) else {
            throw UnknownStoredWord(type: "\(Self.self)", word: text)
        }
        self = value
    }
}

struct UnknownStoredWord: Error {
    let type: String
    let word: String
}

extension Actor {
    init(row: Row, _ prefix: String = "") throws {
        self.init(kind: try Kind(stored: row[prefix + "actor_kind"]), id: try row[prefix + "actor_id"])
    }
}

extension PostgresJSON {
    /// - Precondition: the value has a JSON form, as all values of ours have.
    init(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let json = try? encoder.encode(value) else {
            preconditionFailure("a value of ours has no JSON form")
        }
        self.init(String(decoding: json, as: UTF8.self))
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
