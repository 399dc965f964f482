import HTTP2
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Answers gRPC calls on one address.
public final class Server: Sendable {
    private struct State {
        var listener: (any NIOCore.Channel)?
        var connections: [ObjectIdentifier: ServerConnection] = [:]
        var connectionsByAddress: [String: Int] = [:]
        var isDraining = false
        var isClosed = false
        /// Resumed when the last connection is gone.
        var whenEmpty: [CheckedContinuation<Void, Never>] = []
        /// Resumed when the server has ended.
        var whenClosed: [CheckedContinuation<Void, Never>] = []
    }

    private let core: ServerCore
    private let eventLoopGroup: any EventLoopGroup
    private let state = Mutex(State())
    private let refusals: Mutex<LimitReports>
    /// Between two lines of the log about peers that get no connection.
    private static let refusalsPause: Duration = .seconds(10)

    /// `interceptors` wrap each call, the first one outermost. The services' handlers run on the connection's event loop.
    public convenience init(
        configuration: ServerConfiguration = ServerConfiguration(), services: [any Service] = [],
        interceptors: [any ServerInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        var router = Router()
        for service in services { service.register(in: &router) }
        self.init(
            configuration: configuration, router: router, interceptors: interceptors, eventLoopGroup: eventLoopGroup)
    }

    /// For what services alone cannot say: a router with a fallback.
    public init(
        configuration: ServerConfiguration, router: Router, interceptors: [any ServerInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        core = ServerCore(configuration, router, interceptors)
        refusals = Mutex(LimitReports(every: Self.refusalsPause, configuration))
        self.eventLoopGroup = eventLoopGroup
    }

    /// Binds and accepts. Returns the bound address. Throws what the socket says (the address in use, for example).
    @discardableResult
    public func start() async throws -> SocketAddress {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
            .childChannelOption(
                // Small at first, because each connection keeps one; a busy one's grows with what it reads.
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 256 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
        let listener = try await bind(bootstrap)
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        let isDraining = state.withLock { state in
            state.listener = listener
            return state.isDraining
        }
        // A drain that began while the address was bound has not seen the listener.
        if isDraining { try await listener.close().get() }
        return address
    }

    private func bind(_ bootstrap: ServerBootstrap) async throws -> any NIOCore.Channel {
        let configuration = core.configuration
        if let path = configuration.unixSocket {
            return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
        return try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: configuration.host, port: configuration.port).get()
    }

    /// Serves until ``drain(within:)`` has ended or the task is cancelled; starts first if nobody has.
    public func run() async throws {
        if state.withLock({ $0.listener == nil }) { try await start() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.whenClosed.append(continuation) }
                    return state.isClosed
                }
                if isClosed { continuation.resume() }
            }
        } onCancel: {
            Task { await drain(within: .zero) }
        }
    }

    /// Takes no further call, lets the running ones end for at most `limit`, then cuts them off.
    public func drain(within limit: Duration) async {
        let (listener, connections) = state.withLock { state in
            state.isDraining = true
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close().get()
        for connection in connections { connection.drain() }

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.connectionsEnd() }
            group.addTask {
                try? await Task.sleep(for: limit)
                for connection in self.state.withLock({ Array($0.connections.values) }) { connection.close() }
            }
            await group.next()
            group.cancelAll()
        }
        await connectionsEnd()
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.whenClosed = [] }
            return state.whenClosed
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whether the server takes no further connection.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// How many clients are connected.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    private func connectionsEnd() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.connections.isEmpty { state.whenEmpty.append(continuation) }
                return state.connections.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func accept(_ channel: any NIOCore.Channel) throws {
        let (key, address) = (ObjectIdentifier(channel), channel.remoteAddress?.ipAddress ?? "unix")
        try admit(address)
        let connection = try ServerConnection(core, channel: channel) { self.removed(key, from: address) }
        // Judged anew: others were accepted meanwhile, and a drain that began meanwhile has not seen this one.
        try admit(address) { state in
            state.connections[key] = connection
            state.connectionsByAddress[address, default: 0] += 1
        }
    }

    /// Why a connection is closed as soon as it was accepted.
    private enum Refusal: Error {
        case draining
        case passed(CallLimit)
    }

    /// Changes the state, unless the server drains or has as many connections as it may: then it throws.
    private func admit(_ address: String, _ change: @Sendable (inout State) -> Void = { _ in }) throws(Refusal) {
        let limits = core.configuration
        let refusal: Refusal? = state.withLock { state in
            if state.isDraining { return .draining }
            let connectionsMax = min(limits.connectionsMax, FileDescriptors.forConnections)
            if state.connections.count >= connectionsMax { return .passed(.connections) }
            let isCrowd = state.connectionsByAddress[address, default: 0] >= limits.connectionsPerAddressMax ?? .max
            if isCrowd { return .passed(.connectionsPerAddress) }
            change(&state)
            return nil
        }
        guard let refusal else { return }
        if case .passed(let limit) = refusal { refusals.withLock { $0.passed(limit, by: address) } }
        throw refusal
    }

    private func removed(_ key: ObjectIdentifier, from address: String) {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard state.connections.removeValue(forKey: key) != nil else { return [] }
            let others = state.connectionsByAddress[address, default: 1] - 1
            state.connectionsByAddress[address] = others > 0 ? others : nil
            guard state.connections.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for continuation in waiting { continuation.resume() }
    }
}
