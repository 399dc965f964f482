import FoundationEssentials
import WallTime

/// Which fields of a contact are shown at a place, and which can be edited there (S44).
struct FieldLayout: Sendable, Hashable {
    let place: Place
    var groups: [Group]
    var updateTime: Instant?
    /// 0 for a layout that nobody has stored.
    var version: Int64 = 0

    static let groupsMax = 20
    static let fieldsMax = 100
    static let titleLengthMax = 100

    enum Place: Sendable, Hashable {
        case standard
        case department(UUID)

        /// `nil` unless the text is "default" or a UUID.
        init?(_ text: String) {
            if text == "default" {
                self = .standard
            } else if let id = UUID(id: text) {
                self = .department(id)
            } else {
                return nil
            }
        }

        var text: String {
            switch self {
            case .standard: "default"
            case .department(let id): id.uuidString.lowercased()
            }
        }
    }

    /// In the database a group is this value as JSON.
    struct Group: Sendable, Hashable, Codable {
        var title = ""
        var fields: [Placement]
    }

    struct Placement: Sendable, Hashable, Codable {
        /// As in an update mask, or one of `readOnlyPaths`.
        var path: String
        var editable = false
        var required = false
    }
}

// MARK: - Rules

extension FieldLayout {
    /// Fields that UpdateContact can write.
    static let writablePaths = ["display_name", "owner_id", "locale", "time_zone", "note"]
    /// Fields with RPCs of their own, and those that only the service writes.
    static let readOnlyPaths: Set<String> = [
        "identities", "linked_objects", "timeline", "consents", "block", "state", "create_time", "update_time",
        "last_activity_time",
    ]

    /// What a place shows for which nobody has said anything: everything, for editing.
    static func standard(_ place: Place, attributes: [AttributeDefinition]) -> FieldLayout {
        let identity = ["display_name", "identities", "owner_id", "locale", "time_zone", "note"]
        let own = attributes.filter { !$0.archived }.map(\.key).sorted().map { "attributes.\($0)" }
        func group(_ paths: [String]) -> Group {
            Group(fields: paths.map { Placement(path: $0, editable: isWritable($0)) })
        }
        return FieldLayout(
            place: place, groups: [group(identity), group(own), group(["linked_objects"])].filter { !$0.fields.isEmpty })
    }

    /// Everything that is wrong, by path of FieldLayout.
    func violations(_ schema: AttributeSchema) -> [FieldViolation] {
        var violations: [FieldViolation] = []
        var seen: Set<String> = []
        if !(1...Self.groupsMax).contains(groups.count) { violations.append(.init("groups", "must be 1 to \(Self.groupsMax)")) }
        for (index, group) in groups.enumerated() {
            if let problem = group.title.problem(asLineOf: Self.titleLengthMax) {
                violations.append(.init("groups[\(index)].title", problem))
            }
            if group.fields.count > Self.fieldsMax {
                violations.append(.init("groups[\(index)].fields", "must be at most \(Self.fieldsMax)"))
            }
            for (number, field) in group.fields.enumerated() {
                let problem = field.problem(schema) ?? (seen.insert(field.path).inserted ? nil : "stands in the layout twice")
                if let problem { violations.append(.init("groups[\(index)].fields[\(number)].path", problem)) }
            }
        }
        return violations
    }

    /// The first of the changed paths that cannot be edited here.
    func firstNotEditable(of changedPaths: [String]) -> String? {
        let editable = Set(placements.lazy.filter(\.editable).map(\.path))
        return changedPaths.first { !editable.contains($0) }
    }

    /// What must be filled here and is not, by path in Contact.
    func missing(in fields: ContactFields) -> [FieldViolation] {
        placements.filter { $0.required && !fields.isFilled($0.path) }.map { FieldViolation($0.path, "is required here") }
    }

    private var placements: [Placement] { groups.flatMap(\.fields) }

    static func isWritable(_ path: String) -> Bool { writablePaths.contains(path) || path.hasPrefix("attributes.") }
}

extension FieldLayout.Placement {
    fileprivate func problem(_ schema: AttributeSchema) -> String? {
        if path.hasPrefix("attributes.") {
            return schema.definitions[String(path.dropFirst("attributes.".count))] == nil ? "is no attribute" : nil
        }
        if FieldLayout.writablePaths.contains(path) { return nil }
        guard FieldLayout.readOnlyPaths.contains(path) else { return "is no field of Contact" }
        return editable || required ? "cannot be edited by UpdateContact" : nil
    }
}

extension ContactFields {
    /// Whether a writable path holds a value.
    fileprivate func isFilled(_ path: String) -> Bool {
        switch path {
        case "display_name": !displayName.isEmpty
        case "owner_id": ownerID != nil
        case "locale": !locale.isEmpty
        case "time_zone": !timeZone.isEmpty
        case "note": !note.isEmpty
        default: attributes[String(path.dropFirst("attributes.".count))] != nil
        }
    }
}
