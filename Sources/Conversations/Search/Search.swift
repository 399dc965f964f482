import FoundationEssentials
import WallTime

/// What a search asks for, parsed: what is looked for, and among which conversations.
struct Search: Sendable {
    var query: SearchQuery
    /// Among these; its order is not used, for the best comes first.
    var filter = ConversationQuery()
    /// In one of these states only; empty: in any.
    var states: [String] = []
    /// Last message at or after, and before.
    var after: Instant?
    var before: Instant?

    /// How many places of its rarest word are looked at, the newest first.
    static let placesMax = 10_000
    /// How many conversations are put into an order, the newest of them.
    static let rankedMax = 1_000

    /// The last one of the page before.
    struct Position: Sendable {
        var score: Int32
        var time: Instant
        var id: UUID
    }
}

/// A conversation that has every word.
struct SearchFinding: Sendable {
    var conversation: Conversation
    var score: Int32
    /// The row itself has all words.
    var rowHasAll: Bool
    /// The message that has most words, the newest of them.
    var seq: Int32?
    /// As many were ranked with it.
    var rankedCount: Int

    var position: Search.Position {
        Search.Position(
            score: score, time: conversation.lastMessage ?? conversation.created, id: conversation.id)
    }
}
