import FoundationEssentials
import Postgres
import WallTime

/// Who waited at some instant.
struct QueuedThen: Sendable {
    var conversationID: UUID
    /// Its place in the order of the queue.
    var place: Instant
    var entry: HistoryEntry
}

// MARK: - Rows

extension QueuedThen {
    init(row: Row) throws {
        conversationID = try row["conversation_id"]
        place = try row["place_time"]
        entry = try HistoryEntry(row: row)
    }
}
