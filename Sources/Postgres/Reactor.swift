import CLibPQ
import Glibc
import Synchronization

/// The readiness thread of all connections of the process: one epoll instance, and the timers of the pools.
///
/// Why not a thread per connection: there a statement costs two thread switches (caller to connection's thread and back);
/// here the caller's own thread writes the statement to the socket, and only the answer crosses over. Several answers that
/// are ready together are handled in one turn.
final class Reactor: Sendable {
    static let shared = Reactor()

    /// Called on the reactor's thread; must not block.
    typealias Handler = @Sendable () -> Void

    private struct State {
        var handlers: [Int32: Handler] = [:]
        var timers: [Timer] = []
        var lastTimer: UInt64 = 0
    }

    private struct Timer {
        var id: UInt64
        var due: ContinuousClock.Instant
        var action: Handler
    }

    private let epoll: Int32
    private let wake: Int32
    private let state = Mutex(State())

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(epoll >= 0 && wake >= 0, "no more file descriptors")
        control(EPOLL_CTL_ADD, wake, EPOLLIN.rawValue)
        BlockingWork.start { [self] in run() }
    }

    // MARK: - Descriptors

    /// Calls the handler as long as the descriptor has something to read.
    func add(_ descriptor: Int32, handler: @escaping Handler) {
        state.withLock { $0.handlers[descriptor] = handler }
        control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue)
    }

    /// Calls the handler also when the descriptor takes bytes again.
    func setWriting(_ writing: Bool, _ descriptor: Int32) {
        control(EPOLL_CTL_MOD, descriptor, EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0))
    }

    /// To be called before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, 0)
        _ = state.withLock { $0.handlers.removeValue(forKey: descriptor) }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) {
        var event = epoll_event()
        event.events = events
        event.data.fd = descriptor
        epoll_ctl(epoll, operation, descriptor, &event)
    }

    // MARK: - Timers

    /// Runs the action once, that much later. Returns what `cancel` takes.
    @discardableResult
    func after(_ delay: Duration, _ action: @escaping Handler) -> UInt64 {
        let due = ContinuousClock.now.advanced(by: delay)
        let (id, isFirst) = state.withLock { state in
            state.lastTimer += 1
            // From behind: most are due later than all others.
            var index = state.timers.count
            while index > 0, state.timers[index - 1].due > due { index -= 1 }
            state.timers.insert(Timer(id: state.lastTimer, due: due, action: action), at: index)
            return (state.lastTimer, index == 0)
        }
        if isFirst { eventfd_write(wake, 1) }
        return id
    }

    func cancel(_ timer: UInt64) {
        state.withLock { $0.timers.removeAll { $0.id == timer } }
    }

    private func takeDueTimers() -> [Handler] {
        let now = ContinuousClock.now
        return state.withLock { state in
            let due = state.timers.prefix { $0.due <= now }
            state.timers.removeFirst(due.count)
            return due.map(\.action)
        }
    }

    private func millisecondsToNextTimer() -> Int32 {
        guard let due = state.withLock({ $0.timers.first?.due }) else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: due).components
        guard seconds < 3_600 else { return 3_600_000 }
        // Rounded up: waking a moment early would spin.
        return Int32(max(0, seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1))
    }

    // MARK: - The thread

    private static let eventsPerTurnMax = 64

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsPerTurnMax)
        while true {
            let count = epoll_wait(epoll, &events, Int32(Self.eventsPerTurnMax), millisecondsToNextTimer())
            for event in events.prefix(Int(max(count, 0))) {
                if event.data.fd == wake {
                    var value: eventfd_t = 0
                    eventfd_read(wake, &value)
                } else {
                    // A descriptor closed in this turn may already be another connection's: its handler finds nothing to read.
                    state.withLock { $0.handlers[event.data.fd] }?()
                }
            }
            for action in takeDueTimers() { action() }
        }
    }
}
