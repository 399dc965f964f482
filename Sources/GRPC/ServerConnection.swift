import HTTP2
import NIOCore
import Protobuf

/// Stays on the executor of the call's task: other functions look for theirs first, under a lock.
typealias Handling = nonisolated(nonsending) @Sendable (ServerCall) async throws -> Void

/// What all connections of a server share.
final class ServerCore: Sendable {
    let configuration: ServerConfiguration
    let router: Router
    let decodingLimits: DecodingLimits
    /// Lets a call be handled inside the interceptors, whose chain is made once for all calls.
    let handle: Handling

    init(_ configuration: ServerConfiguration, _ router: Router, _ interceptors: [any ServerInterceptor]) {
        self.configuration = configuration
        self.router = router
        decodingLimits = .messages(upTo: configuration.requestBytesMax)
        var handle: Handling = { try await $0.handle() }
        // One function less than in the loop.
        if let last = interceptors.last {
            handle = { call in try await last.intercept(call.context) { try await call.handle() } }
        }
        for interceptor in interceptors.dropLast().reversed() {
            let inner = handle
            handle = { call in try await interceptor.intercept(call.context) { try await inner(call) } }
        }
        self.handle = handle
    }
}

/// One client's connection. Lives on its event loop.
final class ServerConnection: HTTP2SessionDelegate, @unchecked Sendable {
    let core: ServerCore
    let executor: EventLoopTaskExecutor
    /// Room for what waits to be sent on all of this connection's streams.
    let budget = SendBudget()
    private let peer: String
    private let channel: any NIOCore.Channel
    /// Asked for once, when the first call comes: the handshake is over then.
    private lazy var peerIdentity = core.configuration.security?.peerIdentity(channel)
    private var pings: KeepAlivePings?
    private var reports: LimitReports
    private var handler: HTTP2ConnectionHandler?
    private var ageTimer: Scheduled<Void>?
    @exclusivity(unchecked) private var deadlines: DeadlineTimer?
    /// Clients send the same head again and again.
    @exclusivity(unchecked) private var lastRequest: IncomingRequest?
    private var isDraining = false
    /// The client's SETTINGS have come: whatever was to be secured is.
    private var isGreeted = false
    /// Handlers that run, those of cancelled calls included: a peer that opens and resets streams gains nothing.
    @exclusivity(unchecked) private var handlers = 0
    /// The running calls that ``ServerContext/endAtDrain()`` was called for.
    @exclusivity(unchecked) private var endless: [ObjectIdentifier: ServerCall] = [:]

    /// The payload of the PING behind a shutdown notice: once it is answered, the client knows.
    private static let drainPing: UInt64 = 0x6472_6169_6e69_6e67

    init(_ core: ServerCore, channel: any NIOCore.Channel, onClosed: @escaping @Sendable () -> Void) throws {
        self.core = core
        executor = EventLoopTaskExecutor.of(channel.eventLoop)
        peer = channel.remoteAddress.map(Self.describe) ?? "unknown"
        self.channel = channel
        reports = LimitReports(core.configuration)
        let handler = HTTP2ConnectionHandler(
            role: .server, limits: core.configuration.http2, delegate: self, executor: executor
        ) { [self] error in
            closed(error)
            onClosed()
        }
        self.handler = handler
        deadlines = DeadlineTimer(executor.eventLoop) { [self] now in
            let calls = (self.handler?.session.streams ?? []).compactMap { $0.delegate as? ServerCall }
            return calls.compactMap { $0.expire(at: now) }.min()
        }
        try core.configuration.security?.secure(channel)
        try channel.pipeline.syncOperations.addHandler(handler)
        if let age = core.configuration.connectionAgeMax { armAge(age * Double.random(in: 0.9...1.1)) }
    }

    private func startKeepAlive() {
        guard pings == nil, let keepAlive = core.configuration.keepAlive else { return }
        pings = KeepAlivePings(keepAlive, on: executor.eventLoop) { [self] in
            handler?.session.ping(KeepAlivePings.payload)
            return handler != nil
        } onSilence: { [self] in
            reports.passed(.silence, by: peer)
            handler?.end(HTTP2ConnectionError("the client answered no PING"))
        }
    }

    private func armAge(_ age: Duration) {
        let grace = TimeAmount(core.configuration.connectionAgeGrace)
        let connection = NIOLoopBound(self, eventLoop: executor.eventLoop)
        ageTimer = executor.eventLoop.scheduleTask(in: TimeAmount(age)) {
            connection.value.drain()
            connection.value.ageTimer = connection.value.executor.eventLoop.scheduleTask(in: grace) {
                connection.value.close()
            }
        }
    }

    private func closed(_ error: (any Error)?) {
        if let limit = handler?.session.violation {
            reports.passed(limit, by: peer)
        } else if let error, !isGreeted, core.configuration.security != nil {
            reports.passed(.handshake, by: peer, reason: "\(error)")
        }
        handler = nil
        pings?.stop()
        pings = nil
        ageTimer?.cancel()
        ageTimer = nil
        deadlines?.cancel()
        deadlines = nil
    }

    private static func describe(_ address: SocketAddress) -> String {
        guard let ip = address.ipAddress, let port = address.port else { return "unix" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }

    func handlerStarted() { handlers += 1 }
    func handlerEnded() { handlers -= 1 }

    func endsAtDrain(_ call: ServerCall) {
        guard !call.isOver else { return }
        if isDraining { call.fail(Self.goElsewhere) } else { endless[ObjectIdentifier(call)] = call }
    }

    func isOver(_ call: ServerCall) {
        if !endless.isEmpty { endless[ObjectIdentifier(call)] = nil }
    }

    private static let goElsewhere = RPCError(code: .unavailable, message: "the server is going; go on elsewhere")

    /// Tells the client to go elsewhere, lets its calls end. From anywhere.
    func drain() {
        executor.perform { [self] in
            guard let handler, !isDraining else { return }
            isDraining = true
            handler.session.submitShutdownNotice()
            handler.session.ping(Self.drainPing)
            // Behind the notice, so that the client does not come back on this connection.
            for call in Array(endless.values) { call.fail(Self.goElsewhere) }
        }
    }

    /// Cuts the connection off. From anywhere.
    func close() {
        executor.perform { [self] in handler?.end(nil) }
    }

    // MARK: HTTP2SessionDelegate

    func accepted(
        _ stream: HTTP2Stream, _ fields: [HeaderField], endStream: Bool, tooLarge: Bool
    ) -> (any HTTP2StreamDelegate)? {
        guard handlers < core.configuration.http2.concurrentStreamsMax else {
            reports.passed(.handlers, by: peer)
            stream.reset(.refusedStream)
            return nil
        }
        // Of such a head the very fields may be missing that are asked for next.
        guard !tooLarge else { return refuse(stream, metadataTooLarge) }
        let headVersion = handler?.session.headVersion
        if let lastRequest, let headVersion, lastRequest.headVersion == headVersion {
            return begin(lastRequest, stream, endStream: endStream)
        }
        let head = RequestHead(fields)
        guard head.method == "POST" else { return refuse(stream, httpStatus: "405") }
        guard head.isGRPC else { return refuse(stream, httpStatus: "415") }
        do throws(RPCError) {
            let request = try IncomingRequest(head, core.router, headVersion: headVersion)
            lastRequest = request
            return begin(request, stream, endStream: endStream)
        } catch {
            return refuse(stream, error)
        }
    }

    private func begin(_ request: IncomingRequest, _ stream: HTTP2Stream, endStream: Bool) -> ServerCall {
        var deadline: ContinuousClock.Instant?
        if let timeout = request.timeout {
            let instant = ContinuousClock.now + timeout
            deadlines?.watch(instant)
            deadline = instant
        }
        let context = ServerContext(
            method: request.method, metadata: request.metadata, deadline: deadline, peer: peer,
            acceptEncoding: request.acceptEncoding, peerIdentity: peerIdentity, previousAttempts: request.previousAttempts)
        let call = request.route.makeCall(stream, self, context, request.compression)
        // Set before the handler can answer.
        stream.delegate = call
        call.begin()
        if endStream { call.receivedEnd() }
        return call
    }

    private func refuse(_ stream: HTTP2Stream, _ error: RPCError) -> (any HTTP2StreamDelegate)? {
        let error = core.configuration.completingErrors(error)
        stream.respond(only: .fields(ResponseHead.fields(Metadata(), .identity) + StatusWire.fields(error)))
        return nil
    }

    private var metadataTooLarge: RPCError {
        RPCError(
            code: .resourceExhausted,
            message: "the metadata is larger than \(core.configuration.http2.headerListBytesMax) bytes")
    }

    private func refuse(_ stream: HTTP2Stream, httpStatus: String) -> (any HTTP2StreamDelegate)? {
        stream.respond(only: .fields([HeaderField(":status", httpStatus)]))
        return nil
    }

    func receivedSettings(concurrentStreamsMax: Int) {
        isGreeted = true
        startKeepAlive()
    }

    func receivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {}

    func passed(_ limit: HTTP2Violation) { reports.passed(limit, by: peer) }

    func passed(_ limit: CallLimit) { reports.passed(limit, by: peer) }

    func sendBuffer(isFull: Bool) { budget.set(isFull: isFull) }

    func ticked(_ interval: Duration) {
        let limits = core.configuration.http2
        guard limits.bodyBytesPerSecondMin > 0, let streams = handler?.session.streams else { return }
        for stream in streams { (stream.delegate as? ServerCall)?.ticked(interval, limits) }
    }

    func receivedPingAck(_ payload: UInt64) {
        pings?.answered()
        if payload == Self.drainPing, isDraining { handler?.session.submitGoAway() }
    }
}
