import HTTP2
import NIOCore

/// One connection of a channel. Lives on its event loop.
final class ClientConnection: HTTP2SessionDelegate, @unchecked Sendable {
    enum Event: Sendable {
        /// The server's SETTINGS are there: calls may begin.
        case ready
        /// The server takes no further calls here; those under way go on.
        case goingAway
        case closed(String?)
    }

    let executor: EventLoopTaskExecutor
    /// Room for what waits to be sent on all of this connection's streams.
    let budget = SendBudget()
    private let authority: String
    private let keepAlive: ChannelConfiguration.KeepAlive?
    private let onEvent: @Sendable (ClientConnection, Event) -> Void
    private var handler: HTTP2ConnectionHandler?
    private var isReady = false
    private var isGoingAway = false
    private var timer: RepeatedTask?
    /// Closes the connection unless the PING under way is answered.
    private var pingTimer: Scheduled<Void>?

    static let userAgent = "grpc-swift-nghttp2/0.1.0"

    init(
        channel: any NIOCore.Channel, authority: String, configuration: ChannelConfiguration,
        onEvent: @escaping @Sendable (ClientConnection, Event) -> Void
    ) throws {
        executor = EventLoopTaskExecutor.of(channel.eventLoop)
        self.authority = authority
        keepAlive = configuration.keepAlive
        self.onEvent = onEvent
        let handler = HTTP2ConnectionHandler(
            role: .client, limits: configuration.http2, delegate: self, executor: executor
        ) { [self] error in
            closed(error)
        }
        self.handler = handler
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Opens a stream for the call. On the event loop.
    func open(_ call: ClientCall) throws(RPCError) -> HTTP2Stream {
        do throws(HTTP2ConnectionError) {
            guard let handler, !isGoingAway else { throw HTTP2ConnectionError("the connection takes no further calls") }
            return try handler.session.request(.fields(fields(call.head)), hasBody: true, delegate: call)
        } catch {
            goAway()
            var failure = RPCError(code: .unavailable, message: error.description)
            failure.neverProcessed = true
            throw failure
        }
    }

    /// No further call begins here: the server said so, or the stream ids are used up.
    private func goAway() {
        guard !isGoingAway else { return }
        isGoingAway = true
        handler?.session.submitGoAway()
        onEvent(self, .goingAway)
    }

    private func fields(_ head: ClientCall.Head) -> [HeaderField] {
        var fields = [
            HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", head.path),
            HeaderField(":authority", authority), HeaderField("te", "trailers"),
            HeaderField("content-type", "application/grpc"), HeaderField("user-agent", Self.userAgent),
            HeaderField("grpc-accept-encoding", Compression.accepted),
        ]
        if let deadline = head.deadline {
            fields.append(HeaderField("grpc-timeout", GRPCTimeout.format(ContinuousClock.now.duration(to: deadline))))
        }
        if let encoding = head.compression.header { fields.append(HeaderField("grpc-encoding", encoding)) }
        head.metadata.append(to: &fields)
        return fields
    }

    /// Ends the connection; its calls end as lost. From anywhere.
    func close() {
        executor.perform { [self] in handler?.end(nil) }
    }

    private func closed(_ error: (any Error)?) {
        handler = nil
        timer?.cancel()
        timer = nil
        pingTimer?.cancel()
        onEvent(self, .closed(error.map { String(describing: $0) }))
    }

    private func startKeepAlive() {
        guard let keepAlive else { return }
        let interval = TimeAmount(keepAlive.interval)
        let connection = NIOLoopBound(self, eventLoop: executor.eventLoop)
        timer = executor.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            connection.value.keepAlive(within: keepAlive.timeout)
        }
    }

    private func keepAlive(within timeout: Duration) {
        guard let handler, !handler.session.streams.isEmpty, pingTimer == nil else { return }
        handler.session.ping(0x6b65_6570_616c_6976)
        let connection = NIOLoopBound(self, eventLoop: executor.eventLoop)
        pingTimer = executor.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            connection.value.handler?.end(HTTP2ConnectionError("the server answered no PING"))
        }
    }

    // MARK: HTTP2SessionDelegate

    func accepted(
        _ stream: HTTP2Stream, _ fields: [HeaderField], endStream: Bool, tooLarge: Bool
    ) -> (any HTTP2StreamDelegate)? { nil }

    func receivedSettings(concurrentStreamsMax: Int) {
        guard !isReady else { return }
        isReady = true
        startKeepAlive()
        onEvent(self, .ready)
    }

    func receivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {
        goAway()
    }

    func receivedPingAck(_ payload: UInt64) {
        pingTimer?.cancel()
        pingTimer = nil
    }

    func passed(_ limit: HTTP2Violation) {}

    func sendBuffer(isFull: Bool) { budget.set(isFull: isFull) }

    func ticked(_ interval: Duration) {}
}
