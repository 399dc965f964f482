import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A listener that nobody must come to: it counts who does.
final class Canary: Sendable {
    private let count = Mutex(0)
    var connects: Int { count.withLock { $0 } }

    static func listening(_ body: (_ canary: Canary, _ port: Int) async throws -> Void) async throws {
        let canary = Canary()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                canary.count.withLock { $0 += 1 }
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(canary, channel.localAddress?.port ?? 0) } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "channels-tests") { _ in SwiftLogNoOpLogHandler() } }
}
