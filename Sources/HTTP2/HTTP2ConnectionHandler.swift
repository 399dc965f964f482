import NIOCore

/// A session in a NIO pipeline: one per channel, touched only on its event loop.
public final class HTTP2ConnectionHandler: ChannelInboundHandler {
    public typealias InboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    public let session: HTTP2Session
    private let executor: EventLoopTaskExecutor
    private var onClosed: (((any Error)?) -> Void)?
    // What each read and flush touches: on the event loop only, never from inside itself.
    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var flushIsScheduled = false
    private var failure: (any Error)?
    @exclusivity(unchecked) private var timer: RepeatedTask?
    private var isClosed = false
    /// Counts looks at the clock, and those since there was a stream.
    private var ticks = 0
    private var idleTicks = 0
    /// Streams that had been opened when the clock was looked at last.
    private var streamsSeen = 0

    /// Bytes taken from the session before the socket is asked whether it can keep up.
    private static let flushBytes = 256 << 10
    /// How often the clock is looked at.
    private static let tickInterval = Duration.seconds(1)

    /// `onClosed` is called once, on the event loop, with what ended the connection if that is known; it is let go then, so
    /// it may hold the handler's owner. (A weak reference would make each count of the owner's references slow.)
    public init(
        role: HTTP2Session.Role, limits: HTTP2Limits, delegate: any HTTP2SessionDelegate, executor: EventLoopTaskExecutor,
        onClosed: @escaping ((any Error)?) -> Void
    ) {
        session = HTTP2Session(role: role, limits: limits, delegate: delegate)
        self.executor = executor
        self.onClosed = onClosed
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        session.onWantsDrain = { [unowned self] in wantsFlush() }
        if context.channel.isActive { begin(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard timer == nil, !isClosed else { return }
        let interval = TimeAmount(Self.tickInterval)
        let tick = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in tick.value.tick() }
        wantsFlush()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        executor.beginReading()
        do throws(HTTP2ConnectionError) {
            try session.receive(unwrapInboundIn(data))
            wantsFlush()
        } catch {
            end(error)
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        executor.endReading()
        context.fireChannelReadComplete()
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { wantsFlush() }
        context.fireChannelWritabilityChanged()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        executor.endReading()
        closed()
        context.fireChannelInactive()
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        self.context = nil
    }

    /// Closes the socket; open streams end as lost.
    public func end(_ error: (any Error)?) {
        if failure == nil { failure = error }
        context?.close(promise: nil)
    }

    private func closed() {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        timer = nil
        session.connectionLost()
        onClosed?(failure)
        onClosed = nil
    }

    private func wantsFlush() {
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        executor.flushLater(self)
    }

    /// Hands to the socket what the session has to send, as long as the socket keeps up.
    func flush() {
        flushIsScheduled = false
        guard let context, timer != nil else { return }
        do throws(HTTP2ConnectionError) {
            while context.channel.isWritable {
                executor.output.clear()
                let more = try session.drain(into: &executor.output, bytesMax: Self.flushBytes)
                if executor.output.readableBytes > 0 {
                    context.writeAndFlush(wrapOutboundOut(executor.output), promise: nil)
                }
                if !more { break }
            }
            if !session.isAlive { end(nil) }
        } catch {
            end(error)
        }
    }

    private func tick() {
        ticks += 1
        session.tick(interval: Self.tickInterval)
        if !session.receivedFirstSettings, Self.tickInterval * ticks >= session.limits.handshakeTimeout {
            session.violation = .slowHandshake
            end(HTTP2ConnectionError("the peer sent no SETTINGS in time"))
        }
        let isIdle = session.streams.isEmpty && session.openedStreams == streamsSeen
        idleTicks = isIdle ? idleTicks + 1 : 0
        streamsSeen = session.openedStreams
        if let idle = session.limits.idleTimeout, Self.tickInterval * idleTicks >= idle { session.terminate(.noError) }
    }
}
