/// The fields an update names (AIP-161), as a rule: which paths there are, and what each does to a contact.
struct ContactChange: Sendable, Hashable {
    /// A path of the contract's Contact that people may write.
    enum Path: Sendable, Hashable {
        case displayName, ownerID, locale, timeZone, note
        /// All attributes.
        case attributes
        /// One attribute.
        case attribute(String)
    }

    let values: ContactFields
    let paths: [Path]

    /// - Parameter mask: the paths named; empty means every field that is set in `values`.
    /// - Throws: the paths that are unknown.
    init(values: ContactFields, mask: [String]) throws(UnknownPaths) {
        self.values = values
        guard !mask.isEmpty else {
            paths = Path.whole.filter { values.isSet($0) }
            return
        }
        // `*` is everything, and stands alone (AIP-161).
        let unknown = mask.filter { Path.parsed($0) == nil || ($0 == "*" && mask.count > 1) }
        guard unknown.isEmpty else { throw UnknownPaths(paths: unknown) }
        paths = mask.flatMap { Path.parsed($0) ?? [] }
    }

    struct UnknownPaths: Error, Hashable {
        let paths: [String]
    }

    /// The fields after the change.
    func applied(to fields: ContactFields) -> ContactFields {
        var fields = fields
        for path in paths {
            switch path {
            case .displayName: fields.displayName = values.displayName
            case .ownerID: fields.ownerID = values.ownerID
            case .locale: fields.locale = values.locale
            case .timeZone: fields.timeZone = values.timeZone
            case .note: fields.note = values.note
            case .attributes: fields.attributes = values.attributes
            case .attribute(let key): fields.attributes[key] = values.attributes[key]
            }
        }
        return fields
    }

    /// The paths whose values differ between two versions of a contact's fields, for its events and its timeline.
    static func changedPaths(from old: ContactFields, to new: ContactFields) -> [String] {
        var paths: [String] = []
        if old.displayName != new.displayName { paths.append("display_name") }
        if old.ownerID != new.ownerID { paths.append("owner_id") }
        if old.locale != new.locale { paths.append("locale") }
        if old.timeZone != new.timeZone { paths.append("time_zone") }
        if old.note != new.note { paths.append("note") }
        let keys = Set(old.attributes.keys).union(new.attributes.keys)
        paths += keys.filter { old.attributes[$0] != new.attributes[$0] }.sorted().map { "attributes.\($0)" }
        return paths
    }
}

extension ContactChange.Path {
    static let whole: [Self] = [.displayName, .ownerID, .locale, .timeZone, .note, .attributes]

    /// Paths of Contact that only the service writes: an update that names them is not refused, it just does not change
    /// them (AIP-203).
    private static let outputOnly: Set<String> = [
        "contact_id", "state", "identities", "block", "merged_into_contact_id", "last_activity_time", "create_time",
        "update_time", "etag",
    ]

    /// What a path of a mask stands for; `nil` if it is unknown.
    fileprivate static func parsed(_ path: String) -> [Self]? {
        switch path {
        case "*": return whole
        case "display_name": return [.displayName]
        case "owner_id": return [.ownerID]
        case "locale": return [.locale]
        case "time_zone": return [.timeZone]
        case "note": return [.note]
        case "attributes": return [.attributes]
        case _ where outputOnly.contains(path): return []
        default:
            guard path.hasPrefix("attributes.") else { return nil }
            let key = String(path.dropFirst("attributes.".count))
            return AttributeValue.isKey(key) ? [.attribute(key)] : nil
        }
    }
}

extension ContactFields {
    /// The field has a value other than its default: without a mask, that is what an update changes (AIP-134).
    fileprivate func isSet(_ path: ContactChange.Path) -> Bool {
        switch path {
        case .displayName: !displayName.isEmpty
        case .ownerID: ownerID != nil
        case .locale: !locale.isEmpty
        case .timeZone: !timeZone.isEmpty
        case .note: !note.isEmpty
        case .attributes: !attributes.isEmpty
        case .attribute(let key): attributes[key] != nil
        }
    }
}
