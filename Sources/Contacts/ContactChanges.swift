import EventLog
import FoundationEssentials
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Changes of contacts inside one transaction: every change brings its line of the timeline and its event.
struct ContactChanges: Sendable {
    let store: ContactStore
    let eventLog: EventLog
    /// Product time of all that happens here.
    let now: Instant
    /// Who does it, as the timeline tells it.
    let actor: String
    /// The same, as the trail tells it.
    let author: AuditAuthor

    /// Leaves a line in the trail (P7).
    func audit(_ subject: String, paths: [String] = []) {
        AuditTrail(schema: ContactsModule.name).leave(
            AuditLine(author, subject, paths: paths, at: now), of: store.tenantID, in: store.transaction)
    }

    /// The contact, locked, if it can be worked with and is of the expected version (`nil`: of any).
    func activeContact(_ id: ContactID, version: Int64?) async throws -> Contact {
        guard let contact = try await store.lockedContact(id) else { throw ContactsError.contactNotFound(id) }
        guard contact.state == .active else {
            throw ContactsError.contactNotActive(id, mergedInto: contact.mergedInto)
        }
        guard version == nil || version == contact.version else { throw ContactsError.etagMismatch(id) }
        return contact
    }

    /// A contact nobody has yet; its identities follow by `add`.
    func create(_ fields: ContactFields) async throws -> Contact {
        var contact = newContact(fields)
        try await store.insert(contact)
        try await note(.contactCreated, .created, of: &contact)
        return contact
    }

    /// The contact of an address that nobody has; `nil` if somebody has it by now.
    func create(_ fields: ContactFields, reachedBy candidate: IdentityCandidate) async throws -> Contact? {
        var contact = newContact(fields)
        let identity = newIdentity(candidate, of: contact.id)
        guard try await store.create(contact, with: identity) else { return nil }
        contact.identities = [identity]
        try await note(.contactCreated, .created, of: &contact)
        return contact
    }

    /// Writes the fields, if they differ from the contact's.
    func update(_ contact: Contact, to fields: ContactFields) async throws -> Contact {
        let paths = ContactChange.changedPaths(from: contact.fields, to: fields)
        guard !paths.isEmpty else { return contact }
        var contact = contact
        contact.fields = fields
        try await store(&contact)
        try await note(.contactUpdated(changedPaths: paths), .updated(paths: paths), of: &contact)
        return contact
    }

    /// Gives a contact addresses that it does not have, in this order.
    ///
    /// - Returns: the contacts that have one of them already: nothing is taken from them.
    func add(_ candidates: [IdentityCandidate], to contact: inout Contact) async throws -> [ContactID] {
        guard contact.identities.count + candidates.count <= ChannelIdentity.perContactMax else {
            throw ContactsError.identitiesMax
        }
        var holders: [String: ContactID] = [:]
        // Always in the same order, so that two calls never wait for each other.
        for address in candidates.map(\.address).sorted(by: { $0.matchKey < $1.matchKey }) {
            holders[address.matchKey] = try await store.take(address, for: contact.id)
        }
        let taken = candidates.filter { holders[$0.address.matchKey] == contact.id }
        for (candidate, id) in zip(taken, identityIDs(taken.count)) {
            let identity = newIdentity(candidate, of: contact.id, id: id)
            try await store.insert(identity)
            contact.identities.append(identity)
        }
        return candidates.compactMap { holders[$0.address.matchKey] }.filter { $0 != contact.id }
    }

    /// Counts a change of a contact's identities.
    func noteIdentityChange(_ identityID: IdentityID, of contact: inout Contact) async throws {
        try await store(&contact)
        try await note(.identityChanged(identityID), .identitiesChanged, of: &contact)
    }
}

// MARK: - Parts

extension ContactChanges {
    private func newContact(_ fields: ContactFields) -> Contact {
        Contact(
            id: ContactID(.v7(at: now)), state: .active, fields: fields, identities: [], createTime: now, updateTime: now,
            version: 1)
    }

    private func newIdentity(_ candidate: IdentityCandidate, of contactID: ContactID, id: IdentityID? = nil) -> ChannelIdentity {
        ChannelIdentity(
            id: id ?? IdentityID(.v7(at: now)), contactID: contactID, address: candidate.address,
            profile: candidate.profile, verified: candidate.verified, source: candidate.source, createTime: now)
    }

    /// Ids made in one moment are in no order by themselves, and identities are listed in the order of their ids.
    private func identityIDs(_ count: Int) -> [IdentityID] {
        (0..<count).map { _ in IdentityID(.v7(at: now)) }.sorted { $0.description < $1.description }
    }

    /// Stores a contact as a new version.
    func store(_ contact: inout Contact) async throws {
        contact.version += 1
        contact.updateTime = now
        try await store.update(contact)
    }

    /// Writes a line of the timeline, and an event where other services need to know.
    func note(
        _ subject: TimelineEntry.Subject, _ event: ContactEvent?, of contact: inout Contact
    ) async throws {
        let entry = TimelineEntry(
            id: TimelineEntryID(.v7(at: now)), contactID: contact.id, occurTime: now, actor: actor, subject: subject)
        try await store.append(entry)
        contact.lastActivityTime = max(contact.lastActivityTime ?? now, now)
        guard let event else { return }
        try await eventLog.append(
            [event.newEvent(tenantID: store.tenantID, contactID: contact.id, time: now)], in: store.transaction)
    }
}
