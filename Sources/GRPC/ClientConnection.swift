import HTTP2
import NIOCore
import Synchronization

/// One connection of a channel. Lives on its event loop.
final class ClientConnection: HTTP2SessionDelegate, Loaded, @unchecked Sendable {
    enum Event: Sendable {
        /// The server's SETTINGS are there: calls may begin.
        case ready
        /// The server takes no further calls here; those under way go on.
        case goingAway
        /// The server counts too many PING frames.
        case tooManyPings
        case closed(String?)
    }

    let executor: EventLoopTaskExecutor
    /// Room for what waits to be sent on all of this connection's streams.
    let budget = SendBudget()
    let startedAt = NIODeadline.now()
    private let heads: RequestHeads
    private let keepAlive: KeepAlive?
    private let calls = Atomic<Int>(0)
    private let onEvent: @Sendable (ClientConnection, Event) -> Void
    @exclusivity(unchecked) private var handler: HTTP2ConnectionHandler?
    @exclusivity(unchecked) private var deadlines: DeadlineTimer?
    private var isReady = false
    @exclusivity(unchecked) private var isGoingAway = false
    private var pings: KeepAlivePings?

    init(
        channel: any NIOCore.Channel, to address: ServerAddress, configuration: ChannelConfiguration,
        onEvent: @escaping @Sendable (ClientConnection, Event) -> Void
    ) throws {
        executor = EventLoopTaskExecutor.of(channel.eventLoop)
        heads = RequestHeads(
            scheme: configuration.security == nil ? "http" : "https", authority: configuration.authority ?? address.authority)
        keepAlive = configuration.keepAlive
        self.onEvent = onEvent
        let handler = HTTP2ConnectionHandler(
            role: .client, limits: configuration.http2, delegate: self, executor: executor
        ) { [self] error in
            closed(error)
        }
        self.handler = handler
        deadlines = DeadlineTimer(executor.eventLoop) { [self] now in
            let calls = (self.handler?.session.streams ?? []).compactMap { $0.delegate as? ClientCall }
            return calls.compactMap { $0.expire(at: now) }.min()
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Calls that were given this connection and have not ended. From anywhere.
    var openCalls: Int { calls.load(ordering: .relaxed) }
    func callBegins() { calls.add(1, ordering: .relaxed) }
    func callEnded() { calls.subtract(1, ordering: .relaxed) }

    /// Ends the calls whose deadlines have passed, from here on also at this one. On the event loop.
    func watch(_ deadline: ContinuousClock.Instant) { deadlines?.watch(deadline) }

    /// Opens a stream for the call. On the event loop.
    func open(_ call: ClientCall) throws(RPCError) -> HTTP2Stream {
        do throws(HTTP2ConnectionError) {
            guard let handler, !isGoingAway else { throw HTTP2ConnectionError("the connection takes no further calls") }
            return try handler.session.request(heads.block(call.head), hasBody: true, delegate: call)
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

    /// Ends the connection; its calls end as lost. From anywhere.
    func close() {
        executor.perform { [self] in handler?.end(nil) }
    }

    /// Ends the connection once its calls have ended. From anywhere.
    func leave() {
        executor.perform { [self] in goAway() }
    }

    private func closed(_ error: (any Error)?) {
        handler = nil
        pings?.stop()
        pings = nil
        deadlines?.cancel()
        deadlines = nil
        onEvent(self, .closed(error.map { String(describing: $0) }))
    }

    private func startKeepAlive() {
        guard let keepAlive else { return }
        pings = KeepAlivePings(keepAlive, on: executor.eventLoop) { [self] in
            guard let handler, keepAlive.withoutCalls || !handler.session.streams.isEmpty else { return false }
            handler.session.ping(KeepAlivePings.payload)
            return true
        } onSilence: { [self] in
            handler?.end(HTTP2ConnectionError("the server answered no PING"))
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
        if code == .enhanceYourCalm, debugData == "too_many_pings" { onEvent(self, .tooManyPings) }
        goAway()
    }

    func receivedPingAck(_ payload: UInt64) { pings?.answered() }

    func passed(_ limit: HTTP2Violation) {}

    func sendBuffer(isFull: Bool) { budget.set(isFull: isFull) }

    func ticked(_ interval: Duration) {}
}
