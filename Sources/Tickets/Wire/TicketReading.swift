import FoundationEssentials
import ServiceRuntime
import TicketsV1

extension Violations {
    static let reasonMax = 500
    static let listMax = 20

    /// A text without U+0000, which the database does not take.
    mutating func plain(_ value: String, _ field: String, _ length: ClosedRange<Int>) {
        text(value, field, length)
        if value.unicodeScalars.contains("\0") { add(field, "contains U+0000", reason: "MALFORMED") }
    }

    /// One line: no control characters.
    mutating func line(_ value: String, _ field: String, _ length: ClosedRange<Int>) {
        text(value, field, length)
        if value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            add(field, "is not one line without control characters", reason: "MALFORMED")
        }
    }

    mutating func reason(_ value: String) { plain(value, "reason", 0...Self.reasonMax) }

    /// Ids, each once.
    mutating func ids(_ values: [String], _ field: String, max: Int = listMax) -> [UUID] {
        require(values.count <= max, field, "has more than \(max)")
        var seen: Set<UUID> = []
        return values.prefix(max).enumerated().map { id($1, "\(field)[\($0)]") }.filter {
            seen.insert($0).inserted
        }
    }

    mutating func names(_ values: [String], _ field: String, max: Int, length: Int) -> [String] {
        require(values.count <= max, field, "has more than \(max)")
        var seen: Set<String> = []
        for (index, value) in values.prefix(max).enumerated() {
            line(value, "\(field)[\(index)]", 1...length)
        }
        return values.prefix(max).filter { seen.insert($0).inserted }
    }
}

/// The fields people write, read from the contract.
struct TicketReading {
    /// What may be written, by the contract's names.
    static let writable: Set<String> = [
        "subject", "description", "type", "requester_id", "service_id", "category_id", "priority_id",
        "assignee_id",
        "assignee_follows", "department_id", "labels",
    ]
    /// What only the service writes: ignored in a mask.
    static let outputOnly: Set<String> = [
        "ticket_id", "etag", "number", "sequence", "status", "status_reason",
        "estimated_resolution_time", "waiting_on",
        "conversations", "clocks", "policy_id", "merged_into_ticket_id", "follow_up_of_ticket_id",
        "split_from_ticket_id",
        "missing_on_close", "create_time", "update_time", "resolve_time", "reopen_expire_time",
        "end_time",
    ]

    var fields: TicketFields
    var assigneeFollows: Bool
    /// Which of them hold a value.
    var populated: Set<String>

    /// - Parameter isNew: all that is required must be there.
    init(_ wire: TicketsV1.Ticket, isNew: Bool, _ violations: inout Violations) {
        var populated: Set<String> = []
        func note(_ path: String, _ isThere: Bool) { if isThere { populated.insert(path) } }
        note("subject", !wire.subject.isEmpty)
        note("description", !wire.description.isEmpty)
        note("type", wire.type != .unspecified)
        note("requester_id", !wire.requesterID.isEmpty)
        note("service_id", !wire.serviceID.isEmpty)
        note("category_id", !wire.categoryID.isEmpty)
        note("priority_id", !wire.priorityID.isEmpty)
        note("assignee_id", !wire.assigneeID.isEmpty)
        note("assignee_follows", wire.assigneeFollows)
        note("department_id", !wire.departmentID.isEmpty)
        note("labels", !wire.labels.isEmpty)
        if isNew || !wire.subject.isEmpty {
            violations.line(wire.subject, "ticket.subject", 1...TicketFields.subjectMax)
        }
        violations.plain(wire.description, "ticket.description", 0...TicketFields.descriptionMax)
        let type = wire.type == .unspecified ? TicketType.public : TicketType(wire.type)
        violations.require(type != nil, "ticket.type", "is unknown")
        fields = TicketFields(
            subject: wire.subject, description: wire.description, type: type ?? .public,
            requesterID: violations.optionalID(wire.requesterID, "ticket.requester_id"),
            serviceID: violations.optionalID(wire.serviceID, "ticket.service_id"),
            categoryID: violations.optionalID(wire.categoryID, "ticket.category_id"),
            priorityID: violations.optionalID(wire.priorityID, "ticket.priority_id"),
            assigneeID: violations.optionalID(wire.assigneeID, "ticket.assignee_id"),
            departmentID: violations.optionalID(wire.departmentID, "ticket.department_id"),
            labels: violations.names(
                wire.labels, "ticket.labels", max: TicketFields.labelsMax, length: TicketFields.labelMax))
        assigneeFollows = wire.assigneeFollows
        self.populated = populated
    }

    /// The fields with what the mask names taken from here.
    func applied(to old: TicketFields, _ mask: UpdateMask) -> TicketFields {
        var new = old
        if mask.contains("subject") { new.subject = fields.subject }
        if mask.contains("description") { new.description = fields.description }
        if mask.contains("type") { new.type = fields.type }
        if mask.contains("requester_id") { new.requesterID = fields.requesterID }
        if mask.contains("service_id") { new.serviceID = fields.serviceID }
        if mask.contains("category_id") { new.categoryID = fields.categoryID }
        if mask.contains("priority_id") { new.priorityID = fields.priorityID }
        if mask.contains("assignee_id") { new.assigneeID = fields.assigneeID }
        if mask.contains("department_id") { new.departmentID = fields.departmentID }
        if mask.contains("labels") { new.labels = fields.labels }
        return new
    }
}
