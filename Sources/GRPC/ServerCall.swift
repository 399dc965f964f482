import GoogleProtobuf
import HTTP2
import NIOCore

/// One call on a server: everything but what depends on its kind.
///
/// Lives on its connection's event loop, where the handler's task runs too; only methods that say so may be called from
/// elsewhere.
class ServerCall: HTTP2StreamDelegate, @unchecked Sendable {
    let stream: HTTP2Stream
    let connection: ServerConnection
    let context: ServerContext
    private var decoding: MessageDecoding
    private var task: Task<Void, Never>?
    private var deadlineTimer: Scheduled<Void>?
    private var headWasSent = false
    private var pace = BodyPace()
    /// The status was sent, or the stream is gone.
    private(set) var isOver = false

    init(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression
    ) {
        self.stream = stream
        self.connection = connection
        self.context = context
        decoding = MessageDecoding(compression: compression, bytesMax: connection.core.configuration.requestBytesMax)
    }

    // MARK: What the kinds fill in

    /// The headers are there.
    func begin() {}
    /// The next request message.
    func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {}
    /// Whether the client owes us bytes: it has begun something that only it can finish.
    var isAwaitingBytes: Bool { !decoding.isBetweenMessages }
    /// `count` bytes of the body have arrived and were handed to ``received(_:)`` as far as they made messages.
    func arrived(_ count: Int) { stream.took(count) }
    /// The client has half-closed between two messages.
    func receivedAll() {}
    /// The call ended early.
    func aborted(_ error: RPCError) {}
    func sent(_ count: Int) {}

    // MARK: The handler's task

    /// Starts the handler on the connection's event loop. `body` answers the call; what it throws does too.
    func launch(_ body: @escaping @Sendable () async throws -> Void) {
        connection.handlerStarted()
        if let deadline = context.deadline { armDeadline(deadline) }
        task = Task(executorPreference: connection.executor) { [self] in
            do {
                try await ServerContext.$current.withValue(context) { try await body() }
            } catch {
                onLoop { self.fail(RPCError(thrown: error)) }
            }
            onLoop { self.handlerEnded() }
        }
    }

    /// Calls `body` inside the interceptors.
    func intercepted(_ body: () async throws -> Void) async throws {
        try await intercepted(connection.core.interceptors[...], body)
    }

    private func intercepted(_ rest: ArraySlice<any ServerInterceptor>, _ body: () async throws -> Void) async throws {
        guard let first = rest.first else { return try await body() }
        try await first.intercept(context) { try await intercepted(rest.dropFirst(), body) }
    }

    private func handlerEnded() {
        task = nil
        if !isOver { fail(RPCError(code: .unknown, message: "the handler ended without an answer")) }
        connection.handlerEnded()
    }

    private func armDeadline(_ deadline: ContinuousClock.Instant) {
        let rest = ContinuousClock.now.duration(to: deadline)
        let call = NIOLoopBound(self, eventLoop: connection.executor.eventLoop)
        deadlineTimer = connection.executor.eventLoop.scheduleTask(in: TimeAmount(rest)) {
            call.value.fail(RPCError(code: .deadlineExceeded, message: "the deadline passed"))
        }
    }

    /// Calls `body` on the event loop: at once where this is its thread. From anywhere.
    func onLoop(_ body: @escaping @Sendable () -> Void) {
        connection.executor.perform(body)
    }

    // MARK: Answering

    /// Queues the framed message, behind the head.
    func write(_ framed: [UInt8]) {
        guard !isOver else { return }
        stream.write(framed)
        sendHead()
    }

    /// Ends the call with OK.
    func succeed() {
        guard !isOver else { return }
        let trailers = StatusWire.trailers(ok: context.trailingMetadata)
        stream.end(trailers: trailers)
        sendHead()
        over(RPCError(code: .cancelled, message: "the call is over"))
    }

    /// Ends the call with an error, and cancels the handler if it still runs.
    func fail(_ error: RPCError) {
        guard !isOver else { return }
        if let limit = error.passedLimit { connection.passed(limit) }
        var error = connection.core.configuration.completingErrors(error)
        error.metadata.addMissing(from: context.trailingMetadata)
        if headWasSent {
            stream.end(trailers: .fields(StatusWire.fields(error)))
        } else {
            headWasSent = true
            stream.respond(only: .fields(ResponseHead.fields(context.initialMetadata, .identity) + StatusWire.fields(error)))
        }
        task?.cancel()
        over(error)
    }

    private func sendHead() {
        guard !headWasSent else { return }
        headWasSent = true
        stream.respond(ResponseHead.block(context.initialMetadata, context.settleCompression()))
    }

    private func over(_ error: RPCError) {
        isOver = true
        connection.isOver(self)
        deadlineTimer?.cancel()
        deadlineTimer = nil
        aborted(error)
    }

    // MARK: HTTP2StreamDelegate

    /// Trailers from a client: gRPC gives them no meaning but the end.
    func receivedHeaders(_ fields: [HeaderField], endStream: Bool, tooLarge: Bool) {
        if endStream { receivedEnd() }
    }

    func receivedData(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return stream.took(bytes.count) }
        do throws(RPCError) {
            pace.arrived(bytes.count)
            try decoding.feed(bytes) { try received($0, wasCompressed: $1) }
            arrived(bytes.count)
        } catch {
            stream.took(bytes.count)
            fail(error)
        }
    }

    func ticked(_ interval: Swift.Duration, _ limits: HTTP2Limits) {
        guard !isOver, pace.isTooSlow(after: interval, isAwaited: isAwaitingBytes, limits) else { return }
        fail(RPCError(passed: .bodyPace, "the request came at less than \(limits.bodyBytesPerSecondMin) bytes a second"))
    }

    func receivedEnd() {
        guard !isOver else { return }
        guard decoding.isBetweenMessages else {
            return fail(RPCError(code: .internal, message: "the request ended inside a message"))
        }
        receivedAll()
    }

    func closed(_ code: HTTP2ErrorCode, processed: Bool, connectionLost: Bool) {
        guard !isOver else { return }
        task?.cancel()
        over(RPCError(code: .cancelled, message: connectionLost ? "the connection was lost" : "the client cancelled the call"))
    }
}

/// The head of an answer.
enum ResponseHead {
    private static let standard = [HeaderField(":status", "200"), HeaderField("content-type", "application/grpc")]
    private static let fixed = FixedHeaders(standard)

    static func block(_ metadata: Metadata, _ compression: Compression) -> HeaderBlock {
        metadata.isEmpty && compression == .identity ? .fixed(fixed) : .fields(fields(metadata, compression))
    }

    static func fields(_ metadata: Metadata, _ compression: Compression) -> [HeaderField] {
        var fields = standard
        if let encoding = compression.header { fields.append(HeaderField("grpc-encoding", encoding)) }
        metadata.append(to: &fields)
        return fields
    }
}
