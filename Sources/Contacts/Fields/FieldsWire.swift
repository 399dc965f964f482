import ContactsV1
import GoogleProtobuf
import ServiceRuntime
import WallTime

// Definitions and layouts between domain and contract.

extension AttributeDefinition {
    var wire: ContactsV1.AttributeDefinition {
        ContactsV1.AttributeDefinition(
            key: key, type: type.wire, displayName: displayName, description: description, options: options,
            sensitive: sensitive, archived: archived, createTime: Timestamp(createTime), updateTime: Timestamp(updateTime),
            etag: ETag(version).description)
    }

    /// The definition with the fields that a mask names.
    func applying(_ values: ContactsV1.AttributeDefinition, _ mask: UpdateMask) -> AttributeDefinition {
        var definition = self
        if mask.contains("display_name") { definition.displayName = values.displayName }
        if mask.contains("description") { definition.description = values.description }
        if mask.contains("options") { definition.options = values.options }
        if mask.contains("sensitive") { definition.sensitive = values.sensitive }
        if mask.contains("archived") { definition.archived = values.archived }
        return definition
    }
}

extension ContactsV1.AttributeDefinition {
    /// The fields that hold a value other than their default.
    var populated: Set<String> {
        var fields: Set<String> = []
        if !displayName.isEmpty { fields.insert("display_name") }
        if !description.isEmpty { fields.insert("description") }
        if !options.isEmpty { fields.insert("options") }
        if sensitive { fields.insert("sensitive") }
        if archived { fields.insert("archived") }
        return fields
    }
}

extension AttributeType {
    var wire: ContactsV1.AttributeType {
        switch self {
        case .text: .text
        case .longText: .longText
        case .number: .number
        case .flag: .flag
        case .time: .time
        case .choice: .choice
        case .choices: .choices
        case .url: .url
        }
    }
}

extension FieldLayout {
    var wire: ContactsV1.FieldLayout {
        ContactsV1.FieldLayout(
            fieldLayoutID: place.text,
            groups: groups.map { group in
                ContactsV1.FieldGroup(
                    title: group.title,
                    fields: group.fields.map { .init(path: $0.path, editable: $0.editable, required: $0.required) })
            },
            updateTime: updateTime.map(Timestamp.init), etag: ETag(version).description)
    }
}

extension FieldLayout.Group {
    init(_ wire: ContactsV1.FieldGroup) {
        self.init(
            title: wire.title,
            fields: wire.fields.map { .init(path: $0.path, editable: $0.editable, required: $0.required) })
    }
}

extension RequestReading {
    /// Values for a definition: what none can have is refused, whatever the mask names.
    mutating func changes(_ values: ContactsV1.AttributeDefinition, _ field: String, at now: Instant) {
        let values = AttributeDefinition(
            key: values.key, type: .choices, displayName: values.displayName, description: values.description,
            options: values.options, createTime: now, updateTime: now)
        for violation in values.malformed { note("\(field).\(violation.field)", violation.description) }
    }

    /// A new definition.
    mutating func definition(
        _ wire: ContactsV1.AttributeDefinition?, _ field: String, at now: Instant
    ) -> AttributeDefinition {
        guard let wire else {
            note(field, "is required")
            return AttributeDefinition(key: "", type: .text, displayName: "", createTime: now, updateTime: now)
        }
        let type = AttributeType.allCases.first { $0.wire == wire.type }
        require(type != nil, "\(field).type", "must be one of the types")
        let definition = AttributeDefinition(
            key: wire.key, type: type ?? .text, displayName: wire.displayName, description: wire.description,
            options: wire.options, sensitive: wire.sensitive, archived: wire.archived, createTime: now, updateTime: now)
        for violation in definition.violations where type != nil || violation.field != "options" {
            note("\(field).\(violation.field)", violation.description)
        }
        return definition
    }
}
