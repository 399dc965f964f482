internal import FoundationEssentials
internal import Logging
internal import Postgres
internal import Synchronization

/// The end of a log, followed once for all streams of the process: one reader looks at the counters at every hint, which may be
/// lost, and behind the hints at a poll; it reads what is new into a window, from which every stream takes what passes its
/// filter. So a thousand quiet streams cost the database one statement a second.
///
/// It follows while there is a stream. Where the database is away it goes on trying, and the streams wait.
final class EventTail: Sendable {
    /// The log as of one look.
    struct View: Sendable {
        var counters: [EventReader.Counter]
        /// Grows with each change.
        var version: Int
    }

    private struct State {
        var streams = 0
        var follower: Task<Void, Never>?
        /// How many followers there have been; the last one alone says how the log is.
        var followers = 0
        var view: View?
        var window: EventWindow?
        var looksBegun = 0
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private struct Waiter {
        enum Need {
            /// A look that has this number, or a later one.
            case look(Int)
            case change(since: Int)
        }
        var need: Need
        var continuation: CheckedContinuation<View, any Error>

        func isServed(by view: View, look: Int) -> Bool {
            switch need {
            case .look(let number): look >= number
            case .change(let version): view.version > version
            }
        }
    }

    let reader: EventReader
    private let logger: Logger
    private let metrics: EventLogMetrics
    private let pollInterval: Duration
    private let state = Mutex(State())

    /// - Parameter pollInterval: how long an event can go unseen when its hint is lost.
    init(_ reader: EventReader, pollInterval: Duration, logger: Logger, metrics: EventLogMetrics) {
        self.reader = reader
        self.pollInterval = pollInterval
        self.logger = logger
        self.metrics = metrics
    }

    // MARK: - For streams

    /// A stream that is there; it leaves when nobody holds this any more.
    final class Membership: Sendable {
        private let tail: EventTail

        fileprivate init(_ tail: EventTail) { self.tail = tail }

        deinit { tail.leave() }
    }

    func join() -> Membership {
        let count = state.withLock { state in
            state.streams += 1
            // Owned by the streams together, and free of what the first of them carries: its deadline, its trace, its loop.
            if state.follower == nil {
                state.followers += 1
                state.follower = Task.detached { [self, number = state.followers] in await follow(as: number) }
            }
            return state.streams
        }
        metrics.streams.record(count)
        return Membership(self)
    }

    private func leave() {
        let (count, idle) = state.withLock { state in
            state.streams -= 1
            return (state.streams, state.streams == 0 ? state.follower.take() : nil)
        }
        idle?.cancel()
        metrics.streams.record(count)
    }

    /// Where the log stands, by a look that began after this call: it shows everything that was committed before.
    func look() async throws -> View {
        try await wait { .look($0.looksBegun + 1) }
    }

    /// Where the log stands once it stands elsewhere.
    func change(since version: Int) async throws -> View {
        try await wait { _ in .change(since: version) }
    }

    /// - Returns: `nil` where the stream is too far behind for the window.
    func read(
        _ place: inout EventWindow.Place, _ partitions: [Int], _ filter: EventFilter, limit: Int
    ) -> (events: [Event], isEnd: Bool)? {
        // A copy is two references: streams do not read under the lock.
        state.withLock(\.window)?.read(&place, partitions, filter, limit: limit)
    }

    private func wait(_ need: @Sendable (State) -> Waiter.Need) async throws -> View {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<View, any Error>? = state.withLock { state in
                    let need = need(state)
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if case .change(let version) = need, let view = state.view, view.version > version { return .success(view) }
                    state.waiters[number] = Waiter(need: need, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) } else { reader.pool.hint(reader.channel) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(throwing: CancellationError())
        }
    }

    // MARK: - Following

    private func follow(as follower: Int) async {
        // Listen first, look then: what is committed in between is seen by one of the two.
        var hints = reader.pool.listen(reader.channel, atLeastEvery: pollInterval).makeAsyncIterator()
        var failures = 0
        while !Task.isCancelled {
            do {
                try await lookAndRead(as: follower)
                failures = 0
                _ = await hints.next()
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                tellOfFailure(error)
                logger.warning("cannot follow the log", metadata: ["schema": "\(reader.schema)", "error": "\(error)"])
                try? await Task.sleep(for: Backoff.pause(afterFailures: failures))
            }
        }
    }

    private func lookAndRead(as follower: Int) async throws {
        let number = state.withLock { state in
            state.looksBegun += 1
            return state.looksBegun
        }
        metrics.looks.increment()
        let counters = try await reader.counters()
        let (old, epoch) = state.withLock { ($0.window, $0.view?.counters.first?.epoch) }
        var window = old ?? EventWindow(at: counters.map(\.position))
        var isWhole = epoch == counters.first?.epoch
        if isWhole { isWhole = try await extend(&window, to: counters) }
        // A window with a gap would hide events: rather an empty one, and streams read the log itself up to it.
        publish(isWhole ? window : EventWindow(at: counters.map(\.position), after: window), counters, look: number, by: follower)
    }

    /// Whether the window can be brought up to date by reading no more than it holds. A log that ends before it was restored.
    private static func isNear(_ counters: [EventReader.Counter], _ window: EventWindow) -> Bool {
        let gaps = counters.map { $0.position - window.end(of: $0.partition) }
        return gaps.allSatisfy { $0 >= 0 } && gaps.reduce(0, +) <= Int64(EventWindow.eventsMax)
    }

    /// - Returns: whether the window now holds all that is new.
    private func extend(_ window: inout EventWindow, to counters: [EventReader.Counter]) async throws -> Bool {
        guard Self.isNear(counters, window) else { return false }
        while true {
            let stretches = counters.filter { window.end(of: $0.partition) < $0.position }.map {
                EventReader.Stretch(partition: $0.partition, after: window.end(of: $0.partition), upto: $0.position)
            }
            guard !stretches.isEmpty else { return true }
            let limit = max(1, EventBatchSequence.eventsMax / stretches.count)
            let found = try await reader.events(in: stretches, limit: limit)
            guard !found.isEmpty else { return false }
            window.append(found.map(\.event))
        }
    }

    private func publish(_ window: EventWindow, _ counters: [EventReader.Counter], look number: Int, by follower: Int) {
        let (view, ready): (View?, [Int: Waiter]) = state.withLock { state in
            // All streams left and others came while the look was under way: their follower goes on from the window that it
            // found, and this one's numbers would not be its.
            guard follower == state.followers else { return (nil, [:]) }
            let isChanged = state.view?.counters != counters
            let view = View(counters: counters, version: (state.view?.version ?? 0) + (isChanged ? 1 : 0))
            state.window = window
            state.view = view
            let ready = state.waiters.filter { $0.value.isServed(by: view, look: number) }
            for key in ready.keys { state.waiters[key] = nil }
            return (view, ready)
        }
        guard let view else { return }
        for waiter in ready.values { waiter.continuation.resume(returning: view) }
    }

    /// Who asked for a look is told; who waits for a change goes on waiting, unless there will never be another look.
    private func tellOfFailure(_ error: any Error) {
        let isFinal = (error as? PostgresError)?.sqlState == .connectionDoesNotExist
        let told = state.withLock { state in
            let told = state.waiters.filter { waiter in
                if case .look = waiter.value.need { true } else { isFinal }
            }
            for key in told.keys { state.waiters[key] = nil }
            return told
        }
        for waiter in told.values { waiter.continuation.resume(throwing: error) }
    }
}
