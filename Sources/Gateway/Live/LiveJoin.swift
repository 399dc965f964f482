/// The hand-over from replay to live of one viewer and one service, without gap and without duplicate.
///
/// The viewer subscribes to the live feed *before* the replay is asked for. So an event committed earlier than the
/// subscription is in the replay, one committed later is in the live feed, and around that moment it may be in both.
/// Events of one tenant are ordered by their id on every stream alike: what is not greater than the last one delivered
/// has been delivered.
struct LiveJoin: Sendable {
    private(set) var isLive: Bool
    private var last = ""

    /// - Parameter replays: false for a viewer who begins at the present.
    init(replays: Bool) { isLive = !replays }

    /// An event of the replay; true: deliver it.
    mutating func replayed(_ eventID: String) -> Bool {
        guard !isLive else { return false }
        return pass(eventID)
    }

    /// The replay has told everything that had happened when it began.
    mutating func caughtUp() { isLive = true }

    /// An event of the live feed, read after `caughtUp`; true: deliver it.
    mutating func live(_ eventID: String) -> Bool {
        precondition(isLive, "the live feed waits in its queue until the replay is over")
        return pass(eventID)
    }

    private mutating func pass(_ eventID: String) -> Bool {
        guard eventID > last else { return false }
        last = eventID
        return true
    }
}
