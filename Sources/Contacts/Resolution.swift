/// What a contact lacks of what a resolve request knows: a rule on values.
struct Resolution: Sendable, Hashable {
    /// The address asked about, then the further ones.
    let candidates: [IdentityCandidate]
    /// Values for what a contact does not have yet.
    let defaults: ContactFields

    /// The address asked about.
    var asked: IdentityCandidate { candidates[0] }

    struct Gaps: Sendable, Hashable {
        var missing: [IdentityCandidate]
        var refreshed: [ChannelIdentity]
        var fields: ContactFields

        func isEmpty(for contact: Contact) -> Bool {
            missing.isEmpty && refreshed.isEmpty && fields == contact.fields
        }
    }

    func gaps(of contact: Contact) -> Gaps {
        var gaps = Gaps(missing: [], refreshed: [], fields: contact.fields.filled(from: defaults))
        for candidate in candidates {
            guard let identity = contact.identities.first(where: { $0.address == candidate.address }) else {
                gaps.missing.append(candidate)
                continue
            }
            let refreshed = identity.refreshed(by: candidate)
            if refreshed != identity { gaps.refreshed.append(refreshed) }
        }
        return gaps
    }

    /// Why a contact, as it was found, is the one asked for; with the identity that shows it.
    func match(in contact: Contact) -> ContactMatch? {
        for candidate in candidates {
            let address = candidate.address
            let exact = contact.identities.first { $0.address == address }
            guard let identity = exact ?? contact.identities.first(where: { $0.address.matchKey == address.matchKey }) else {
                continue
            }
            let rule = MatchRule(asked: address, found: identity.address)
            return ContactMatch(rule: candidate == asked ? rule : .furtherIdentity, identity: identity)
        }
        return nil
    }
}

/// Why a contact was found.
struct ContactMatch: Sendable, Hashable {
    let rule: MatchRule
    let identity: ChannelIdentity
}
