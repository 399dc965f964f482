/// An address with what is known of it, before it is a contact's.
struct IdentityCandidate: Sendable, Hashable {
    var address: ChannelAddress
    var profile = ChannelProfile()
    var verified = false
    var source = Source.channel

    static let perRequestMax = 10
}

extension ChannelIdentity {
    /// The identity with what the channel says now: a name replaces a name, silence replaces nothing, proof stays proof.
    func refreshed(by candidate: IdentityCandidate) -> ChannelIdentity {
        var identity = self
        if !candidate.profile.name.isEmpty { identity.profile.name = candidate.profile.name }
        if !candidate.profile.username.isEmpty { identity.profile.username = candidate.profile.username }
        identity.verified = verified || candidate.verified
        return identity
    }
}
