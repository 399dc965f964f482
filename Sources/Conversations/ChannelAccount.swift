import FoundationEssentials
import WallTime

/// A tenant's account on a channel.
struct ChannelAccount: Sendable {
    var id: UUID
    var version: Int64 = 1
    var kind: ChannelKind
    var name: String
    var departmentID: UUID?
    var disabled = false
    var created: Instant
    var updated: Instant
    var rules: ChannelRules
    /// C57.
    var labelRules: [LabelRule] = []
    var widget: Widget?
    /// Answers first; the subject of its tokens.
    var botID: UUID?
    /// Where the bot's conversations go when it hands them off, if it says nothing else (C40).
    var botDepartmentID: UUID?
    /// By which method they are distributed then (C6).
    var botMethod: RouteMethod?

    /// Web chat only.
    struct Widget: Sendable {
        var key: String
        var allowedOrigins: [String]
        var identityEnforced: Bool
        /// Verifies the page's signed-in users; `nil`: none can be verified.
        var identitySecret: String?
        /// Signs visitors' tokens.
        var visitorSecret: [UInt8]
    }
}

/// A web-chat visitor.
struct Visitor: Sendable {
    var id: UUID
    var channelAccountID: UUID
    /// The tenant's own id of a verified user; empty for an anonymous visitor.
    var userID = ""
    /// The verified user he turned out to be, who is another visitor already: he stays apart until his conversation is over.
    var joinedUserID = ""
    var name = ""
    var email = ""
    var locale = ""
    var pageURL = ""
    var created: Instant
    var sessionExpires: Instant

    /// Whether a verified user may be he: nobody has signed in as somebody else.
    func isGuest(for verified: String) -> Bool { userID.isEmpty && (joinedUserID.isEmpty || joinedUserID == verified) }
}
