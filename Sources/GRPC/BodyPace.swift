import HTTP2

/// Finds the sender who begins a message and then lets us wait for it: fewer bytes than the least over a whole window.
struct BodyPace {
    private var bytes = 0
    private var waited = Duration.zero

    mutating func arrived(_ count: Int) { bytes += count }

    /// `interval` has gone by. True when the call has been awaited for a window and has got too little in it.
    mutating func isTooSlow(after interval: Duration, isAwaited: Bool, _ limits: HTTP2Limits) -> Bool {
        guard limits.bodyBytesPerSecondMin > 0, isAwaited else {
            self = BodyPace()
            return false
        }
        waited += interval
        guard waited >= limits.bodyPaceWindow else { return false }
        defer { self = BodyPace() }
        return bytes < limits.bodyBytesPerSecondMin * Int(waited.components.seconds)
    }
}
