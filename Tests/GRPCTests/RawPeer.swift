import NIOCore
import NIOPosix
import Synchronization
import Trials

/// A peer that speaks HTTP/2 frame by frame over a socket, and notes what it is told.
final class RawPeer: Sendable {
    struct Frame: Sendable {
        let type: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]
    }

    struct GoAway: Sendable {
        let code: UInt32
        let debugData: String
    }

    fileprivate struct State {
        var pending: [UInt8] = []
        var frames: [Frame] = []
        var isClosed = false
    }

    fileprivate let state = Mutex(State())
    private let channel: any NIOCore.Channel
    /// Bytes of a client's preface that come before its first frame.
    private let prefaceBytes: Int

    fileprivate init(_ channel: any NIOCore.Channel, prefaceBytes: Int) {
        self.channel = channel
        self.prefaceBytes = prefaceBytes
    }

    /// Connects, and says nothing yet.
    static func connect(to port: Int) async throws -> RawPeer {
        let peer = Mutex<RawPeer?>(nil)
        _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let new = RawPeer(channel, prefaceBytes: 0)
                    peer.withLock { $0 = new }
                    try channel.pipeline.syncOperations.addHandler(FrameReader(new))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        guard let peer = peer.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
        return peer
    }

    func send(_ frames: RawFrames) {
        channel.writeAndFlush(ByteBuffer(bytes: frames.bytes), promise: nil)
    }

    func close() { channel.close(promise: nil) }

    var frames: [Frame] { state.withLock { $0.frames } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The last GOAWAY.
    var goAway: GoAway? {
        frames.last { $0.type == 7 }.map { frame in
            let code = frame.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
            return GoAway(code: code, debugData: String(decoding: frame.payload.dropFirst(8), as: UTF8.self))
        }
    }

    /// The code with which the stream was reset.
    func reset(of stream: UInt32) -> UInt32? {
        frames.last { $0.type == 3 && $0.stream == stream }.map { $0.payload.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    fileprivate func received(_ bytes: [UInt8]) {
        state.withLock { state in
            state.pending += bytes
            if state.frames.isEmpty, prefaceBytes > 0, state.pending.starts(with: "PRI".utf8) {
                guard state.pending.count >= prefaceBytes else { return }
                state.pending.removeFirst(prefaceBytes)
            }
            while state.pending.count >= 9 {
                let head = state.pending
                let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
                guard head.count >= 9 + length else { return }
                let stream = head[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
                let payload = Array(head[9..<9 + length])
                state.frames.append(Frame(type: head[3], flags: head[4], stream: stream, payload: payload))
                state.pending.removeFirst(9 + length)
            }
        }
    }
}

/// A server that is played by the test, frame by frame.
final class RawServer: Sendable {
    private final class Peers: Sendable { let list = Mutex<[RawPeer]>([]) }

    private let listener: any NIOCore.Channel
    private let peers: Peers
    let port: Int

    /// `greeting` is sent on each connection; SETTINGS as a rule.
    static func start(greeting: RawFrames) async throws -> RawServer {
        let peers = Peers()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = RawPeer(channel, prefaceBytes: 24)
                    try channel.pipeline.syncOperations.addHandler(FrameReader(peer))
                    channel.writeAndFlush(ByteBuffer(bytes: greeting.bytes), promise: nil)
                    peers.list.withLock { $0.append(peer) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(listener, peers)
    }

    private init(_ listener: any NIOCore.Channel, _ peers: Peers) {
        self.listener = listener
        self.peers = peers
        port = listener.localAddress?.port ?? 0
    }

    var connections: [RawPeer] { peers.list.withLock { $0 } }

    /// The next stream on which a request's head has come, on any connection, after `seen` others.
    func request(after seen: Int = 0) async throws -> (peer: RawPeer, stream: UInt32) {
        let found = Mutex<(RawPeer, UInt32)?>(nil)
        try await eventually {
            let heads = self.connections.flatMap { peer in peer.frames.filter { $0.type == 1 }.map { (peer, $0.stream) } }
            guard heads.count > seen else { return false }
            found.withLock { $0 = heads[seen] }
            return true
        }
        guard let (peer, stream) = found.withLock({ $0 }) else { throw ChannelError.eof }
        return (peer, stream)
    }

    func stop() async {
        try? await listener.close()
        for peer in connections { peer.close() }
    }
}

private final class FrameReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let peer: RawPeer

    init(_ peer: RawPeer) { self.peer = peer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        peer.received(Array(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) { peer.state.withLock { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
