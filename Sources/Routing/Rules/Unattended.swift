import WallTime
import WorkingTime

/// How long a web chat waits where nobody is available (C15). Somebody who is full is available all the same.
struct Unattended: Sendable, Hashable {
    /// When somebody was last available; `nil`: somebody is.
    var since: Instant?
    var grace: Duration

    /// Since long before any message.
    static let ever = Instant.earliest

    /// When the conversation expires: counted from the customer's message, from when it came into this queue, and from when the
    /// last one left, whichever is latest.
    /// - Returns: `nil` for one that waits on.
    func expiry(of conversation: ServedConversation) -> Instant? {
        guard let since, conversation.isWebchat, conversation.state == .queued, conversation.waitsForAgent else { return nil }
        let waits = max(conversation.waitingSince ?? conversation.arrival, conversation.queueTime ?? conversation.arrival)
        return max(waits, since).advanced(by: grace)
    }
}

extension Unattended {
    /// - Parameters:
    ///   - isAnybodyThere: but for the hours.
    ///   - left: when the last one who was there left; `nil`: nobody ever was.
    init(_ rules: DepartmentRules, isAnybodyThere: Bool, left: Instant?, at now: Instant) {
        grace = .milliseconds(rules.webchatGrace)
        let lastThere = isAnybodyThere ? now : left ?? Self.ever
        guard let closed = rules.lastOpen(until: now, within: grace) else {
            since = isAnybodyThere ? nil : lastThere
            return
        }
        since = min(closed, lastThere)
    }
}

extension DepartmentRules {
    /// The end of the last hours before a moment at which it is closed, as far as they reach into the time before it.
    /// - Returns: `nil` where it is open.
    fileprivate func lastOpen(until now: Instant, within time: Duration) -> Instant? {
        guard let workingHours, let calendar = try? workingHours.calendar(), !calendar.isOpen(at: now) else { return nil }
        let start = now.advanced(by: .zero - time)
        var walker = calendar.walker(from: start.microseconds)
        var last = Unattended.ever
        while let open = walker.next(before: now.microseconds) { last = Instant(microseconds: open.upperBound) }
        return last
    }

    /// When the hours in which it works now end; `nil` where it is closed, or never closes.
    func nextClosing(after now: Instant) -> Instant? {
        guard let workingHours, let calendar = try? workingHours.calendar(), calendar.isOpen(at: now) else { return nil }
        let end = now.advanced(by: Self.closingHorizon)
        var walker = calendar.walker(from: now.microseconds)
        guard var closing = walker.next(before: end.microseconds)?.upperBound else { return nil }
        // Hours that go on over midnight come in two pieces.
        while let more = walker.next(before: end.microseconds), more.lowerBound == closing { closing = more.upperBound }
        return closing < end.microseconds ? Instant(microseconds: closing) : nil
    }

    /// No department that closes works longer without a break; one that does is looked at again when something happens.
    private static let closingHorizon: Duration = .seconds(8 * 86_400)
}
