import Glibc
import NIOCore
import Synchronization
import Testing
import Trials

@testable import GRPC

@Suite("Connections that come while a server drains", .timeLimit(.minutes(1)))
struct DrainTests {
    @Test("one that is accepted when the drain has counted them already is closed, and the drain ends without it")
    func acceptedMeanwhile() async throws {
        let drain = DrainWhileAccepting()
        var configuration = ServerConfiguration()
        configuration.security = drain
        try await Loopback.run(configuration: configuration) { _ in
        } _: { loopback in
            drain.arm(loopback.server)
            let peer = try await RawPeer.connect(to: loopback.port)
            peer.send(.preface)
            await drain.ended.wait()
            #expect(loopback.server.connectionCount == 0)
            try await eventually { peer.isClosed }
        }
    }

    @Test("a server that is told to drain before it listens serves nobody, and its address is free again")
    func drainedBeforeStart() async throws {
        let server = Server()
        await server.drain(within: .zero)
        let address = try await server.start()
        await #expect(throws: (any Error).self) { try await RawPeer.connect(to: address.port ?? 0) }
        try await server.run()
    }
}

/// Has its server drain between a connection's admission and its registration, for as long as the connection stays.
private final class DrainWhileAccepting: ServerSecurity {
    let ended = Signal()
    private let server = Mutex<Server?>(nil)

    func arm(_ server: Server) { self.server.withLock { $0 = server } }

    func secure(_ channel: any NIOCore.Channel) throws {
        guard let server = server.withLock({ $0 }) else { return }
        Task {
            await server.drain(within: .seconds(3_600))
            await ended.set()
        }
        while !server.isDraining { sched_yield() }
    }

    func peerIdentity(_ channel: any NIOCore.Channel) -> PeerIdentity? { nil }
}
