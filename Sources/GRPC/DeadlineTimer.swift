import NIOCore

/// One timer for the deadlines of all calls of a connection. Lives on its event loop.
///
/// Most calls end long before their deadline, so a timer for each would be made and cancelled for nothing. This one is set for
/// the earliest deadline that it heard of; when it is due its owner looks through the calls that are open then.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    /// Ends the calls whose deadline has passed; answers the earliest of the others.
    private let expire: (ContinuousClock.Instant) -> ContinuousClock.Instant?
    private var timer: Scheduled<Void>?
    private var due: ContinuousClock.Instant?

    /// Looking through the calls again and again in a row would be work without end: a later deadline waits this long.
    private static let intervalMin = Duration.milliseconds(1)

    init(_ eventLoop: any EventLoop, expire: @escaping (ContinuousClock.Instant) -> ContinuousClock.Instant?) {
        self.eventLoop = eventLoop
        self.expire = expire
    }

    func watch(_ deadline: ContinuousClock.Instant) {
        if let due, due <= deadline { return }
        timer?.cancel()
        due = deadline
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(in: TimeAmount(ContinuousClock.now.duration(to: deadline))) { bound.value.fire() }
    }

    func cancel() {
        timer?.cancel()
        timer = nil
    }

    private func fire() {
        due = nil
        let now = ContinuousClock.now
        if let next = expire(now) { watch(max(next, now + Self.intervalMin)) }
    }
}
