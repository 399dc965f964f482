import NIOCore
import Synchronization

/// Runs the tasks that prefer it on one event loop, so that a request never changes threads.
///
/// Jobs that become ready while bytes are read run at the end of that read; then every connection that has something to
/// send is flushed once. Source for the idea: SE-0417, Task executor preference.
public final class EventLoopTaskExecutor: TaskExecutor, @unchecked Sendable {
    public let eventLoop: any EventLoop

    // Touched on the event loop only, and not checked for overlapping access there: each call passes here twice.
    @exclusivity(unchecked) private var jobs: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    @exclusivity(unchecked) private var waiting: [HTTP2ConnectionHandler] = []
    /// What connections write through, one after the other, so that a quiet one holds no memory for it.
    @exclusivity(unchecked) var output = ByteBuffer()
    @exclusivity(unchecked) private var turnIsScheduled = false
    @exclusivity(unchecked) private var isReading = false
    @exclusivity(unchecked) private var inTurn = false

    /// Jobs enqueued on other threads.
    private let foreign = Mutex<[UnownedJob]>([])

    private static let executors = Mutex<[ObjectIdentifier: EventLoopTaskExecutor]>([:])

    /// The executor of an event loop: one each, for the life of the program.
    public static func of(_ eventLoop: any EventLoop) -> EventLoopTaskExecutor {
        executors.withLock { executors in
            let key = ObjectIdentifier(eventLoop)
            if let executor = executors[key] { return executor }
            let executor = EventLoopTaskExecutor(eventLoop)
            executors[key] = executor
            return executor
        }
    }

    private init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if eventLoop.inEventLoop {
            jobs.append(job)
            scheduleTurn()
        } else {
            let isFirst = foreign.withLock { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            if isFirst { eventLoop.execute { self.turn() } }
        }
    }

    /// Runs `body` on the event loop: at once if this is its thread.
    public func perform(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    // MARK: On the event loop

    /// Bytes are being read: the turn comes with ``endReading()``.
    func beginReading() { isReading = true }

    func endReading() {
        isReading = false
        turn()
    }

    /// The connection wants to be flushed at the end of this turn.
    func flushLater(_ connection: HTTP2ConnectionHandler) {
        waiting.append(connection)
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !turnIsScheduled, !isReading, !inTurn else { return }
        turnIsScheduled = true
        eventLoop.execute {
            self.turnIsScheduled = false
            self.turn()
        }
    }

    /// A turn ends after this many rounds of jobs, so that sockets are looked at again.
    private static let roundsMax = 16

    private func turn() {
        guard !inTurn else { return }
        inTurn = true
        let executor = asUnownedTaskExecutor()
        for _ in 0..<Self.roundsMax {
            takeForeign()
            if jobs.isEmpty { break }
            swap(&jobs, &running)
            for job in running { job.runSynchronously(on: executor) }
            running.removeAll(keepingCapacity: true)
        }
        while !waiting.isEmpty {
            let connections = waiting
            waiting = []
            for connection in connections { connection.flush() }
        }
        inTurn = false
        if !jobs.isEmpty || !waiting.isEmpty { scheduleTurn() }
    }

    private func takeForeign() {
        foreign.withLock { foreign in
            guard !foreign.isEmpty else { return }
            jobs.append(contentsOf: foreign)
            foreign.removeAll(keepingCapacity: true)
        }
    }
}
