import NIOCore
import NIOPosix
import Synchronization

/// The network between some callers and one port of this machine, which can be broken while connections are open: what is on
/// its way stays on its way, and nobody is told. What was held arrives when the link is whole again, as TCP has it arrive.
package final class Link: Sendable {
    package enum Direction: Sendable, Hashable, CaseIterable { case towardsServer, towardsClient }

    private struct State {
        var broken: Set<Direction> = []
        var relays: [ObjectIdentifier: Relay] = [:]
    }

    private let state = Mutex(State())
    private let listener: any Channel
    /// Where callers reach what is behind it.
    package let port: Int

    package init(to target: Int) async throws {
        let accepted = Mutex<(@Sendable (any Channel) -> EventLoopFuture<Void>)?>(nil)
        let group = MultiThreadedEventLoopGroup.singleton
        listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // What is read before the other side is there would have nowhere to go.
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                accepted.withLock { $0 }?(client)
                    ?? client.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        accepted.withLock { accepted in
            accepted = { [weak self] client in
                guard let self else { return client.close() }
                return self.join(client, to: target)
            }
        }
    }

    package func close() async { _ = try? await listener.close() }

    /// Lets nothing through any more, in these directions.
    package func `break`(_ directions: Set<Direction>) { state.withLock { $0.broken = directions } }

    package func heal() {
        let relays = state.withLock { state in
            state.broken = []
            return Array(state.relays.values)
        }
        for relay in relays { relay.goOn() }
    }

    fileprivate func passes(_ direction: Direction) -> Bool { state.withLock { !$0.broken.contains(direction) } }

    fileprivate func forget(_ relay: Relay) { state.withLock { $0.relays[ObjectIdentifier(relay)] = nil } }

    private func join(_ client: any Channel, to target: Int) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                let ways = [
                    Relay(from: client, to: server, .towardsServer, self), Relay(from: server, to: client, .towardsClient, self),
                ]
                self.state.withLock { state in
                    for way in ways { state.relays[ObjectIdentifier(way)] = way }
                }
                return client.pipeline.addHandler(Entrance(relay: ways[0]))
                    .and(server.pipeline.addHandler(Entrance(relay: ways[1])))
                    .flatMap { _ in client.setOption(.autoRead, value: true).and(server.setOption(.autoRead, value: true)) }
                    .map { _ in }
            }
    }
}

/// One direction of one connection.
private final class Relay: Sendable {
    private let source: any Channel
    private let target: any Channel
    private let direction: Link.Direction
    private let link: Link
    private let held = Mutex((bytes: [ByteBuffer](), isOver: false))

    init(from source: any Channel, to target: any Channel, _ direction: Link.Direction, _ link: Link) {
        (self.source, self.target, self.direction, self.link) = (source, target, direction, link)
    }

    func take(_ bytes: ByteBuffer) {
        held.withLock { $0.bytes.append(bytes) }
        goOn()
    }

    func end() {
        held.withLock { $0.isOver = true }
        goOn()
    }

    /// Whether more is to be read: not while what was read before is held.
    var isOpen: Bool { link.passes(direction) }

    /// Passes on what is held, if the link lets it.
    func goOn() {
        guard isOpen else { return }
        let (bytes, isOver) = held.withLock { held in
            defer { held.bytes = [] }
            return held
        }
        for buffer in bytes { target.write(buffer, promise: nil) }
        target.flush()
        if isOver {
            target.close(promise: nil)
            link.forget(self)
        } else {
            source.read()
        }
    }
}

private final class Entrance: ChannelDuplexHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let relay: Relay

    init(relay: Relay) { self.relay = relay }

    func read(context: ChannelHandlerContext) {
        if relay.isOpen { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { relay.take(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) {
        relay.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
