import ContactsV1
import GoogleProtobuf
import ServiceRuntime
import WallTime

extension Merge {
    /// The merge as the contract has it, without the attributes that the caller may not see.
    func wire(hiding keys: Set<String>) throws -> ContactsV1.Merge {
        let hidden = Set(keys.map { "attributes.\($0)" })
        return ContactsV1.Merge(
            mergeID: id.description, survivingContactID: survivingID.description, mergedContactID: mergedID.description,
            identityIDs: identityIDs.map(\.description),
            provenance: provenance.filter { !hidden.contains($0.path) }.map(\.wire),
            originals: try originals.map { bytes in
                var contact = try ContactsV1.Contact(serialized: bytes)
                contact.attributes = contact.attributes.filter { !keys.contains($0.key) }
                return contact
            },
            mergedBy: mergedBy, mergeTime: Timestamp(mergeTime), unmergedBy: unmergedBy,
            unmergeTime: unmergeTime.map(Timestamp.init), etag: ETag(version).description)
    }
}

extension FieldProvenance {
    var wire: ContactsV1.FieldProvenance {
        ContactsV1.FieldProvenance(
            path: path, keptFromContactID: keptFrom.description, kept: kept?.wire, other: other?.wire)
    }
}
