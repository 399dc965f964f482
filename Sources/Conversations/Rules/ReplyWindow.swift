import WallTime

/// The span in which free-form answers are possible (C1, C2). It is counted from the customer's latest message; nothing we send
/// moves it (S38).
struct ReplyWindow: Hashable, Sendable {
    /// The latest inbound time, as the provider told it; `nil` until the customer wrote.
    var lastInbound: Instant?

    /// A customer's message arrived. A time later than its receipt is clamped to it, and an older message never shortens
    /// the window.
    mutating func receive(providerTime: Instant?, receivedAt: Instant) -> Instant {
        let time = min(providerTime ?? receivedAt, receivedAt)
        lastInbound = max(lastInbound ?? time, time)
        return time
    }

    /// `nil` where the channel has no window, and until the customer wrote.
    func expireTime(length: Duration?) -> Instant? {
        guard let length, let lastInbound else { return nil }
        return lastInbound.advanced(by: length)
    }

    /// Open while now < expires; without a window always. With one, a customer who has not written yet leaves it shut.
    func isOpen(at now: Instant, length: Duration?) -> Bool {
        guard length != nil else { return true }
        guard let expires = expireTime(length: length) else { return false }
        return now < expires
    }
}
