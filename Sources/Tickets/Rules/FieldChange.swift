import FoundationEssentials

/// One field before and after, as history keeps it.
struct FieldChange: Sendable, Hashable, Codable {
    var path: String
    var before: String
    var after: String

    /// What became different. Texts of people are named, not kept: history outlives them.
    static func between(_ old: TicketFields, _ new: TicketFields) -> [FieldChange] {
        var changes: [FieldChange] = []
        func note(_ path: String, _ before: String, _ after: String) {
            if before != after { changes.append(FieldChange(path: path, before: before, after: after)) }
        }
        func noteText(_ path: String, _ before: String, _ after: String) {
            if before != after { changes.append(FieldChange(path: path, before: "", after: "")) }
        }
        noteText("subject", old.subject, new.subject)
        noteText("description", old.description, new.description)
        note("type", old.type.rawValue, new.type.rawValue)
        note("requester_id", old.requesterID.text, new.requesterID.text)
        note("service_id", old.serviceID.text, new.serviceID.text)
        note("category_id", old.categoryID.text, new.categoryID.text)
        note("priority_id", old.priorityID.text, new.priorityID.text)
        note("assignee_id", old.assigneeID.text, new.assigneeID.text)
        note("department_id", old.departmentID.text, new.departmentID.text)
        note("labels", old.labels.joined(separator: ", "), new.labels.joined(separator: ", "))
        return changes
    }
}
