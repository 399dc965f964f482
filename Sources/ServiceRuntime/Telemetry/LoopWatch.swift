import NIOCore
import ServiceLifecycle

/// Counts event loop turns over 10 ms: asks each loop for a sign of life and measures how long it keeps us waiting.
struct LoopWatch: ServiceLifecycle.Service {
    static let interval: Duration = .milliseconds(100)
    static let turnMax: Duration = .milliseconds(10)

    let group: any EventLoopGroup

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for loop in group.makeIterator() {
                    let asked = ContinuousClock.now
                    loop.execute {
                        let waited = ContinuousClock.now - asked
                        if waited > Self.turnMax { RuntimeMetrics.slowLoopTurn(waited) }
                    }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
