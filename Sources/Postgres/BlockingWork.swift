import Glibc

/// Runs a blocking call on a thread of its own and hands its answer to a callback on that thread. For connecting and for
/// PQcancel, which have no use for a pool: they are rare and as many as there are connections at most.
enum BlockingWork {
    static func start(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        precondition(failed == 0, "no more threads")
        pthread_detach(thread)
    }

    /// The same for a task that waits. Cancellation does not end the call.
    static func run<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            start { continuation.resume(with: Result { try work() }) }
        }
    }

    private final class Box: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = work
        }
    }
}
