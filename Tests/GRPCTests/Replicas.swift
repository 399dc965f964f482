import NIOCore
import NIOPosix
import Synchronization

@testable import GRPC

/// Servers that answer with their names, to be found by a resolver that the test sets.
struct Replica {
    let name: String
    let server: Server
    let address: ServerAddress

    static func start(_ name: String, port: Int = 0, _ routes: (inout Router) -> Void = { _ in }) async throws -> Replica {
        var router = Router()
        router.unary(.unary) { (_: Note, _) in Note(name) }
        routes(&router)
        let server = Server(configuration: ServerConfiguration(port: port), router: router)
        let address = try await server.start()
        return Replica(name: name, server: server, address: ServerAddress(host: "127.0.0.1", port: address.port ?? 0))
    }

    func stop() async { await server.drain(within: .zero) }
}

/// A resolver whose answer the test sets.
final class SetResolver: NameResolver {
    struct Nothing: Error {}

    private let state = Mutex<(addresses: [ServerAddress], looks: Int)>(([], 0))

    init(_ addresses: [ServerAddress] = []) { set(addresses) }

    func set(_ addresses: [ServerAddress]) { state.withLock { $0.addresses = addresses } }

    /// How often it was asked.
    var looks: Int { state.withLock { $0.looks } }

    func addresses(on eventLoop: any EventLoop) -> EventLoopFuture<[ServerAddress]> {
        let addresses = state.withLock { state in
            state.looks += 1
            return state.addresses
        }
        guard !addresses.isEmpty else { return eventLoop.makeFailedFuture(Nothing()) }
        return eventLoop.makeSucceededFuture(addresses)
    }
}
