import ContactsV1
import GRPC

extension ContactsService {
    func resolveContact(
        _ request: ResolveContactRequest, _ context: ServerContext
    ) async throws -> ResolveContactResponse {
        var reading = RequestReading()
        let resolution = reading.resolution(request)
        try reading.finish()

        return try await changing(request, requestID: \.requestID, context) { changes in
            try await changes.checkAttributes(of: resolution.defaults, "defaults")
            for _ in 0..<Self.resolveAttemptsMax {
                if let found = try await contact(of: resolution, changes.store) {
                    if let answer = try await complete(found, resolution, changes, context) { return answer }
                } else if let created = try await changes.create(resolution.defaults, reachedBy: resolution.asked),
                    let answer = try await complete(created, resolution, changes, context, created: true)
                {
                    return answer
                }
                // Somebody else was faster and has committed: the next look finds his contact, or the survivor of a merge.
            }
            throw ContactsError.addressContended
        }
    }

    func lookupContact(_ request: LookupContactRequest, _ context: ServerContext) async throws -> LookupContactResponse {
        var reading = RequestReading()
        let candidate = reading.identity(
            ContactsV1.ChannelIdentity(kind: request.kind, scope: request.scope, address: request.address), "")
        try reading.finish()

        let resolution = Resolution(candidates: [candidate], defaults: ContactFields())
        return try await self.reading(context) { store in
            guard let contact = try await store.contact(matching: candidate.address), let match = resolution.match(in: contact)
            else { throw ContactsError.identityNotFound }
            return LookupContactResponse(contact: try await shown(contact, store, context).wire, match: match.wire)
        }
    }

    /// Twice is enough unless the address is given back between two looks.
    static let resolveAttemptsMax = 3

    /// The contact of the address asked about, else of the first further address that has one.
    private func contact(of resolution: Resolution, _ store: ContactStore) async throws -> Contact? {
        for candidate in resolution.candidates {
            if let contact = try await store.contact(matching: candidate.address) { return contact }
        }
        return nil
    }

    /// Adds what the contact lacks, and answers; `nil` if it has been merged or erased since it was found.
    private func complete(
        _ found: Contact, _ resolution: Resolution, _ changes: ContactChanges, _ context: ServerContext, created: Bool = false
    ) async throws -> ResolveContactResponse? {
        let match = created ? nil : resolution.match(in: found)
        var (contact, conflicting): (Contact, [ContactID]) = (found, [])
        if !resolution.gaps(of: found).isEmpty(for: found) {
            guard let locked = try await changes.store.lockedContact(found.id), locked.state == .active else { return nil }
            contact = locked
            conflicting = try await changes.fill(resolution.gaps(of: contact), of: &contact)
        }
        guard let identity = contact.identities.first(where: { $0.address == resolution.asked.address }) else {
            throw ContactsError.addressContended
        }
        return ResolveContactResponse(
            contact: try await shown(contact, changes.store, context).wire, identity: identity.wire, created: created,
            match: match?.wire,
            conflictingContactIDs: conflicting.map(\.description))
    }
}

extension ContactChanges {
    /// - Returns: the contacts that hold addresses which are missing here.
    fileprivate func fill(_ gaps: Resolution.Gaps, of contact: inout Contact) async throws -> [ContactID] {
        for identity in gaps.refreshed {
            try await store.update(identity)
            contact.identities = contact.identities.map { $0.id == identity.id ? identity : $0 }
        }
        let before = contact.identities.count
        let conflicting = try await add(gaps.missing, to: &contact)
        if contact.identities.count > before {
            try await noteIdentityChange(contact.identities[before].id, of: &contact)
        }
        contact = try await update(contact, to: gaps.fields)
        return conflicting
    }
}
