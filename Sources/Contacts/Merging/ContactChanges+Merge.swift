import ContactsV1
import WallTime

/// Two contacts become one, and one two again; each in one transaction with its events.
extension ContactChanges {
    func merge(_ mergedID: ContactID, into survivingID: ContactID, version: Int64?) async throws -> Merge {
        guard mergedID != survivingID else { throw ContactsError.sameContact }
        var (survivor, merged) = try await bothActive(survivingID, mergedID)
        guard version == nil || version == survivor.version else { throw ContactsError.etagMismatch(survivingID) }
        guard survivor.identities.count + merged.identities.count <= ChannelIdentity.perContactMax else {
            throw ContactsError.identitiesMax
        }
        let (rule, before) = (MergeRule(survivor: survivor, merged: merged), survivor.fields)
        let originals = [survivor.wire.serialized(), merged.wire.serialized()]
        let moved = merged.identities

        merged.state = .merged
        merged.mergedInto = survivingID
        merged.identities = []
        survivor.fields = rule.fields
        survivor.lastActivityTime = [survivor.lastActivityTime, merged.lastActivityTime].compactMap(\.self).max()
        try await store.move(moved, to: survivingID)
        try await store(&merged)
        try await store(&survivor)
        let merge = Merge(
            id: MergeID(.v7(at: now)), survivingID: survivingID, mergedID: mergedID, survivorVersion: survivor.version,
            identityIDs: moved.map(\.id), mergedFields: rule.fields, provenance: rule.provenance, originals: originals,
            mergedBy: actor, mergeTime: now)
        try await store.insert(merge)
        try await note(.mergeChanged(merge.id, .merged), .merged(into: survivingID, merge.id), of: &merged)
        try await noteSurvivor(&survivor, merge, .merged, changedFrom: before)
        return merge
    }

    /// - Throws: MERGE_UNDONE, MERGE_NOT_LAST.
    func unmerge(_ id: MergeID, version: Int64?) async throws -> Merge {
        guard var merge = try await store.lockedMerge(id) else { throw ContactsError.mergeNotFound(id) }
        guard version == nil || version == merge.version else { throw ContactsError.versionMismatch }
        guard merge.unmergeTime == nil else { throw ContactsError.mergeUndone(id) }
        let contacts = try await store.lockedContacts([merge.survivingID, merge.mergedID])
        guard var survivor = contacts.first(where: { $0.id == merge.survivingID }),
            var merged = contacts.first(where: { $0.id == merge.mergedID })
        else { throw ContactsError.mergeNotFound(id) }
        guard survivor.state == .active, try await !store.hasLaterMerge(than: merge) else { throw ContactsError.mergeNotLast(id) }

        let before = survivor.fields
        let returning = merge.returning(from: survivor.identities)
        survivor.fields = MergeRule.undone(
            now: before, before: try merge.survivorBefore.fields, after: merge.mergedFields)
        survivor.identities.removeAll { returning.contains($0) }
        merged.state = .active
        merged.mergedInto = nil
        try await store.move(returning, to: merged.id)
        try await store(&merged)
        try await store(&survivor)
        (merge.unmergedBy, merge.unmergeTime, merge.version) = (actor, now, merge.version + 1)
        try await store.update(merge)
        for contact in [merged, survivor] { try await store.recountActivity(of: contact.id) }
        try await note(.mergeChanged(id, .unmerged), .unmerged(from: survivor.id, id), of: &merged)
        try await noteSurvivor(&survivor, merge, .unmerged, changedFrom: before)
        return merge
    }

    private func bothActive(_ survivingID: ContactID, _ mergedID: ContactID) async throws -> (Contact, Contact) {
        let contacts = try await store.lockedContacts([survivingID, mergedID])
        func active(_ id: ContactID) throws -> Contact {
            guard let contact = contacts.first(where: { $0.id == id }) else { throw ContactsError.contactNotFound(id) }
            guard contact.state == .active else { throw ContactsError.contactNotActive(id, mergedInto: contact.mergedInto) }
            return contact
        }
        return (try active(survivingID), try active(mergedID))
    }

    /// The survivor's events are those of any contact whose fields and addresses change.
    private func noteSurvivor(
        _ survivor: inout Contact, _ merge: Merge, _ action: TimelineEntry.Action, changedFrom before: ContactFields
    ) async throws {
        try await note(.mergeChanged(merge.id, action), .identitiesChanged, of: &survivor)
        let paths = ContactChange.changedPaths(from: before, to: survivor.fields)
        guard !paths.isEmpty else { return }
        try await note(.contactUpdated(changedPaths: paths), .updated(paths: paths), of: &survivor)
    }
}

extension Merge {
    /// The identities that go back: those that came, and other ways to write the same address that were added since.
    func returning(from identities: [ChannelIdentity]) -> [ChannelIdentity] {
        let moved = Set(identityIDs)
        let keys = Set(identities.lazy.filter { moved.contains($0.id) }.map(\.address.matchKey))
        return identities.filter { keys.contains($0.address.matchKey) }
    }

    fileprivate var survivorBefore: ContactsV1.Contact {
        get throws { try ContactsV1.Contact(serialized: originals[0]) }
    }
}

extension ContactsV1.Contact {
    /// The fields of a contact that this service wrote.
    fileprivate var fields: ContactFields {
        var reading = RequestReading()
        return reading.fields(self, "contact")
    }
}
