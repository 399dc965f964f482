import WallTime

/// One address of a contact.
struct ChannelIdentity: Sendable, Hashable {
    let id: IdentityID
    var contactID: ContactID
    let address: ChannelAddress
    var profile: ChannelProfile
    var verified: Bool
    var source: Source
    var block: Block?
    let createTime: Instant

    /// A contact holds at most so many.
    static let perContactMax = 100
}

/// How a person presents himself on a channel.
struct ChannelProfile: Sendable, Hashable {
    /// The name carried there; empty where unknown.
    var name = ""
    /// The handle, without "@"; empty where unknown.
    var username = ""
}

/// Where a piece of knowledge about a contact came from. The raw values stand in the database.
enum Source: String, Sendable, Hashable, CaseIterable {
    case channel, agent, customer, `import`, integration
}

/// Why a contact or an address is not served (C53).
struct Block: Sendable, Hashable {
    var reason: String
    var spam: Bool
    var blockedBy: String
    var blockTime: Instant

    static let reasonLengthMax = 500
}

/// Why a contact was found for an address (guarantee 16).
enum MatchRule: Sendable, Hashable {
    case exact, emailCase, phoneVariant, furtherIdentity
}

extension MatchRule {
    /// The rule by which an address leads to an identity whose match key is equal.
    /// - Precondition: the match keys are equal.
    init(asked: ChannelAddress, found: ChannelAddress) {
        precondition(asked.matchKey == found.matchKey)
        switch (asked.kind, found.kind) {
        case _ where asked == found: self = .exact
        case (.email, .email): self = .emailCase
        default: self = .phoneVariant
        }
    }
}
