import FoundationEssentials
import ServiceRuntime
import WallTime

/// What a new ticket is made of.
struct NewTicket: Sendable {
    var fields: TicketFields
    var assigneeFollows = true
    var status = TicketStatus.new
    /// When its clocks begin: product time, or the arrival of the conversation that it is for (C24).
    var begins: Instant
    var followUpOf: UUID?
    var splitFrom: UUID?
    var channel = ""
    var reason = ""
}

extension Work {
    /// Creates a ticket with the tenant's next number.
    func create(_ new: NewTicket) async throws -> OpenTicket {
        try await ensureTenant()
        let settings = try await settings()
        var fields = new.fields
        try await complete(&fields)
        // Last of all that can be refused: the counter's row is locked from here on.
        let sequence = try await store.nextSequence()
        let number = settings.prefix.isEmpty ? "\(sequence)" : "\(settings.prefix)-\(sequence)"
        var open = OpenTicket(
            ticket: Ticket(
                id: .v7(at: now), number: number, sequence: sequence, status: new.status, fields: fields,
                assigneeFollows: new.assigneeFollows, followUpOf: new.followUpOf, splitFrom: new.splitFrom,
                channel: new.channel,
                created: now,
                updated: now))
        try await save(&open, Step(kind: .created, reason: new.reason), beginning: new.begins)
        return open
    }

    /// What a service brings along, and the standard priority.
    private func complete(_ fields: inout TicketFields) async throws {
        if let id = fields.serviceID,
            let service = try await store.catalogue().first(where: { $0.id == id })
        {
            fields.categoryID = fields.categoryID ?? service.categoryID
            fields.departmentID = fields.departmentID ?? service.departmentID
        }
        if fields.priorityID == nil {
            fields.priorityID = try await priorities().first { $0.isStandard }?.id
        }
    }

    /// - Throws: what is not there, or archived, of what a ticket newly names.
    func check(_ new: TicketFields, against old: TicketFields = TicketFields()) async throws {
        // Erased since contacts was asked for him.
        if let id = new.requesterID, id != old.requesterID, try await store.erased.contains(id) {
            throw TicketsError.notFound(.contact, id)
        }
        if let id = new.categoryID, id != old.categoryID {
            let isThere = try await store.categories().contains { $0.id == id && !$0.isArchived }
            guard isThere else { throw TicketsError.notFound(.category, id) }
        }
        if let id = new.serviceID, id != old.serviceID {
            let isThere = try await store.catalogue().contains { $0.id == id && !$0.isArchived }
            guard isThere else { throw TicketsError.notFound(.service, id) }
        }
        if let id = new.priorityID, id != old.priorityID {
            let isThere = try await priorities().contains { $0.id == id && !$0.isArchived }
            guard isThere else { throw TicketsError.notFound(.priority, id) }
        }
        if new.departmentID != old.departmentID { try await checkDepartments(new.departmentID.map { [$0] } ?? []) }
    }

    /// - Throws: DEPARTMENT_NOT_FOUND for the first that routing has not told of, or has told to be over.
    func checkDepartments(_ ids: [UUID]) async throws {
        for id in ids {
            let isThere = try await surroundings.known.takesNew(id, of: tenantID, in: transaction)
            guard isThere else { throw TicketsError.notFound(.department, id) }
        }
    }
}
