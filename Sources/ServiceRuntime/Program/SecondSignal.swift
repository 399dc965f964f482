import Dispatch
import Foundation
import Logging
import Synchronization

/// Cuts the process off at the second SIGTERM or SIGINT; swift-service-lifecycle takes the first.
final class SecondSignal: Sendable {
    /// 128 + SIGTERM, as a shell reports a process that a signal ended.
    static let exitCode: Int32 = 143

    private let listening: Task<Void, Never>

    init(logger: Logger) {
        listening = Task {
            var count = 0
            for await _ in Self.signals() {
                count += 1
                guard count > 1 else { continue }
                logger.warning("cut off by a second signal")
                exit(Self.exitCode)
            }
        }
    }

    func stop() {
        listening.cancel()
    }

    private static func signals() -> AsyncStream<Void> {
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
