import NIOPosix

/// Threads for work that would hold an event loop for over a millisecond: signatures, CSV, large JSON, inflating.
package struct OffloadPool: Sendable {
    private let threads: NIOThreadPool

    package init(threads count: Int = 2) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    /// Runs `work` on one of the pool's threads. `what` names it in a metric.
    package func run<Answer: Sendable>(
        _ what: StaticString, _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        let begun = ContinuousClock.now
        defer { RuntimeMetrics.offloaded("\(what)", for: .now - begun) }
        return try await threads.runIfActive(work)
    }

    package func close() async {
        try? await threads.shutdownGracefully()
    }
}
