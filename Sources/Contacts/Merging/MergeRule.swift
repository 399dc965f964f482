/// How two contacts become one, and one two again (C36, guarantee 15): rules on values.
///
/// What the survivor says stays; where he says nothing the other's word fills the gap. His block, or that he has none, is his
/// own. Nothing is lost: what the other said stays in his row, and in the provenance.
struct MergeRule: Sendable, Hashable {
    /// The survivor's fields after the merge.
    let fields: ContactFields
    let provenance: [FieldProvenance]

    init(survivor: Contact, merged: Contact) {
        let own = survivor.fields
        var fields = own.filled(from: merged.fields)
        if fields.ownerID == nil { fields.ownerID = merged.fields.ownerID }
        if fields.note.isEmpty { fields.note = merged.fields.note }
        let room = AttributeValue.perContactMax - own.attributes.count
        let gained = merged.fields.attributes.keys.filter { own.attributes[$0] == nil }.sorted()
        for key in gained.dropFirst(max(0, room)) { fields.attributes[key] = nil }
        self.fields = fields
        let (values, others) = (own.words, merged.fields.words)
        var provenance = others.keys.sorted().compactMap { path -> FieldProvenance? in
            guard let other = others[path], other != values[path] else { return nil }
            guard let kept = values[path] else {
                let filled = fields.words[path] != nil
                return FieldProvenance(
                    path: path, keptFrom: filled ? merged.id : survivor.id, kept: filled ? other : nil,
                    other: filled ? nil : other)
            }
            return FieldProvenance(path: path, keptFrom: survivor.id, kept: kept, other: other)
        }
        if let block = merged.block, block != survivor.block {
            provenance.append(
                FieldProvenance(
                    path: "block", keptFrom: survivor.id, kept: (survivor.block?.reason).map(AttributeValue.text),
                    other: .text(block.reason)))
        }
        self.provenance = provenance
    }

    /// The survivor's fields when the merge is undone: each is what it was before, unless it was written meanwhile.
    static func undone(now: ContactFields, before: ContactFields, after: ContactFields) -> ContactFields {
        func choose<Value: Equatable>(_ field: KeyPath<ContactFields, Value>) -> Value {
            now[keyPath: field] == after[keyPath: field] ? before[keyPath: field] : now[keyPath: field]
        }
        var attributes: [String: AttributeValue] = [:]
        for key in Set(now.attributes.keys).union(before.attributes.keys) {
            attributes[key] = now.attributes[key] == after.attributes[key] ? before.attributes[key] : now.attributes[key]
        }
        return ContactFields(
            displayName: choose(\.displayName), ownerID: choose(\.ownerID), locale: choose(\.locale),
            timeZone: choose(\.timeZone), note: choose(\.note), attributes: attributes)
    }
}

/// Where a field of a survivor came from. In the database it is JSON.
struct FieldProvenance: Sendable, Hashable, Codable {
    /// As in the contract's Contact.
    let path: String
    let keptFrom: ContactID
    let kept: AttributeValue?
    let other: AttributeValue?
}

extension ContactFields {
    /// What is said, by path in the contract's Contact.
    fileprivate var words: [String: AttributeValue] {
        var words: [String: AttributeValue] = [:]
        for (path, text) in [("display_name", displayName), ("locale", locale), ("time_zone", timeZone), ("note", note)]
        where !text.isEmpty { words[path] = .text(text) }
        if let ownerID { words["owner_id"] = .text(ownerID.uuidString.lowercased()) }
        for (key, value) in attributes { words["attributes.\(key)"] = value }
        return words
    }
}
