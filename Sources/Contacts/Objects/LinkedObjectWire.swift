import ContactsV1
import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import WallTime

// Linked objects between domain and contract.

extension LinkedObject {
    var wire: ContactsV1.LinkedObject {
        ContactsV1.LinkedObject(
            linkedObjectID: id.description, contactID: contactID.description, kind: kind.wire, title: fields.title,
            stage: fields.stage, amount: fields.amount.map { .init(currency: $0.currency, amount: $0.amount) },
            dueTime: fields.dueTime.map(Timestamp.init), completeTime: fields.completeTime.map(Timestamp.init),
            assigneeID: fields.assigneeID?.text ?? "", externalSystem: fields.externalSystem, externalID: fields.externalID,
            url: fields.url, conversationID: conversationID?.text ?? "", createdBy: createdBy,
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime), etag: ETag(version).description)
    }

    static let outputOnlyPaths: Set<String> = [
        "linked_object_id", "contact_id", "kind", "conversation_id", "created_by", "create_time", "update_time", "etag",
    ]
}

extension LinkedObject.Kind {
    var wire: ContactsV1.LinkedObjectKind {
        switch self {
        case .deal: .deal
        case .company: .company
        case .task: .task
        }
    }
}

extension LinkedObject.Fields {
    static let paths: Set<String> = [
        "title", "stage", "amount", "due_time", "complete_time", "assignee_id", "external_system", "external_id", "url",
    ]

    /// The fields that hold a value.
    var populated: Set<String> {
        var paths: Set<String> = []
        if !title.isEmpty { paths.insert("title") }
        if !stage.isEmpty { paths.insert("stage") }
        if amount != nil { paths.insert("amount") }
        if dueTime != nil { paths.insert("due_time") }
        if completeTime != nil { paths.insert("complete_time") }
        if assigneeID != nil { paths.insert("assignee_id") }
        if !externalSystem.isEmpty { paths.insert("external_system") }
        if !externalID.isEmpty { paths.insert("external_id") }
        if !url.isEmpty { paths.insert("url") }
        return paths
    }

    /// The fields with those that a mask names taken from elsewhere.
    func applying(_ values: LinkedObject.Fields, _ mask: UpdateMask) -> LinkedObject.Fields {
        var fields = self
        if mask.contains("title") { fields.title = values.title }
        if mask.contains("stage") { fields.stage = values.stage }
        if mask.contains("amount") || !mask.paths(below: "amount").isEmpty { fields.amount = values.amount }
        if mask.contains("due_time") { fields.dueTime = values.dueTime }
        if mask.contains("complete_time") { fields.completeTime = values.completeTime }
        if mask.contains("assignee_id") { fields.assigneeID = values.assigneeID }
        if mask.contains("external_system") { fields.externalSystem = values.externalSystem }
        if mask.contains("external_id") { fields.externalID = values.externalID }
        if mask.contains("url") { fields.url = values.url }
        return fields
    }
}

extension RequestReading {
    /// What a new object is to be.
    mutating func linkedObject(
        _ wire: ContactsV1.LinkedObject?, _ field: String
    ) -> (kind: LinkedObject.Kind, fields: LinkedObject.Fields, conversationID: UUID?) {
        guard let wire else {
            note(field, "is required")
            return (.deal, LinkedObject.Fields(), nil)
        }
        let kind = LinkedObject.Kind.allCases.first { $0.wire == wire.kind }
        require(kind != nil, "\(field).kind", "must be one of the kinds of objects")
        let fields = linkedObjectFields(wire, field)
        let malformed = fields.malformed
        for violation in kind.map(fields.violations(of:)) ?? [] where !malformed.contains(violation) {
            note("\(field).\(violation.field)", violation.description)
        }
        return (kind ?? .deal, fields, optionalID(wire.conversationID, "\(field).conversation_id"))
    }

    /// The values as they stand: what no object can have is refused; whether they fit depends on the kind.
    mutating func linkedObjectFields(_ wire: ContactsV1.LinkedObject, _ field: String) -> LinkedObject.Fields {
        let fields = LinkedObject.Fields(
            title: wire.title, stage: wire.stage,
            amount: wire.amount.map { LinkedObject.Money(currency: $0.currency, amount: $0.amount) },
            dueTime: wire.dueTime.map(Instant.init), completeTime: wire.completeTime.map(Instant.init),
            assigneeID: optionalID(wire.assigneeID, "\(field).assignee_id"), externalSystem: wire.externalSystem,
            externalID: wire.externalID, url: wire.url)
        for violation in fields.malformed { note("\(field).\(violation.field)", violation.description) }
        return fields
    }

    mutating func linkedObjectKinds(_ kinds: [ContactsV1.LinkedObjectKind], _ field: String) -> [LinkedObject.Kind] {
        require(kinds.count <= Self.kindsMax, field, "must be at most \(Self.kindsMax)")
        let known = LinkedObject.Kind.allCases.filter { kinds.contains($0.wire) }
        require(Set(kinds).count == known.count, field, "must be kinds of objects")
        return known
    }
}
