import Dispatch
import Foundation
import Logging
import Synchronization

/// Cuts the process off at the second SIGTERM or SIGINT; swift-service-lifecycle takes the first.
struct SecondSignal {
    /// 128 + SIGTERM, as a shell reports a process that a signal ended.
    static let exitCode: Int32 = 143

    private let signals: AsyncStream<Void>
    private let logger: Logger

    /// Counts from here on.
    init(logger: Logger) {
        signals = Self.arriving()
        self.logger = logger
    }

    /// Returns only by cancellation; ends the process otherwise.
    func wait() async {
        var count = 0
        for await _ in signals {
            count += 1
            guard count > 1 else { continue }
            logger.warning("cut off by a second signal")
            exit(Self.exitCode)
        }
    }

    private static func arriving() -> AsyncStream<Void> {
        AsyncStream { continuation in
            let sources = [SIGTERM, SIGINT].map { number in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield() }
                source.resume()
                return source
            }
            let held = Mutex(sources)
            continuation.onTermination = { _ in held.withLock { for source in $0 { source.cancel() } } }
        }
    }
}
