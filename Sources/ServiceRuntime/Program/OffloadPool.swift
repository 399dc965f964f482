import NIOPosix

/// Threads for work that would hold an event loop for over a millisecond: signatures, CSV, large JSON, inflating.
package final class OffloadPool: TaskExecutor {
    private let threads: NIOThreadPool

    package init(threads count: Int = 2) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    /// Runs `work` on the pool's threads, whatever executor the caller prefers. `what` names it in a metric.
    @concurrent
    package func run<Answer: Sendable>(
        _ what: StaticString, _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let begun = ContinuousClock.now
        defer { RuntimeMetrics.offloaded("\(what)", for: .now - begun) }
        return try await withTaskExecutorPreference(self, operation: work)
    }

    /// For the language; work is given by ``run(_:_:)``.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Also where the pool has been closed meanwhile: a task that began must come to its end.
        threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    package func close() async {
        try? await threads.shutdownGracefully()
    }
}
