import HTTP2

@testable import GRPC

/// A server and a channel on the loopback, closed when the test's body ends.
struct Loopback {
    let server: Server
    let channel: Channel
    let port: Int

    static func run(
        configuration: ServerConfiguration = ServerConfiguration(), client: ChannelConfiguration = ChannelConfiguration(),
        interceptors: [any ServerInterceptor] = [], clientInterceptors: [any ClientInterceptor] = [],
        _ routes: (inout Router) -> Void, _ body: (Loopback) async throws -> Void
    ) async throws {
        var router = Router()
        routes(&router)
        let server = Server(configuration: configuration, router: router, interceptors: interceptors)
        let address = try await server.start()
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: address.port ?? 0)], configuration: client,
            interceptors: clientInterceptors)
        let loopback = Loopback(server: server, channel: channel, port: address.port ?? 0)
        do {
            try await body(loopback)
        } catch {
            await loopback.end()
            throw error
        }
        await loopback.end()
    }

    private func end() async {
        await channel.close()
        await server.drain(within: .zero)
    }
}

/// Something that happens once and that a test awaits.
actor Signal {
    private var isSet = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func set() {
        isSet = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func wait() async {
        if isSet { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}
