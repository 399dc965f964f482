import GoogleProtobuf
import HTTP2

/// One call on a server: everything but what depends on its kind.
///
/// Lives on its connection's event loop, where the handler's task runs too; only methods that say so may be called from
/// elsewhere.
class ServerCall: HTTP2StreamDelegate, @unchecked Sendable {
    let stream: HTTP2Stream
    let connection: ServerConnection
    let context: ServerContext
    // Each call passes here several times, on one thread, and never from inside one of these variables.
    @exclusivity(unchecked) private var decoding: MessageDecoding
    @exclusivity(unchecked) private var task: Task<Void, Never>?
    @exclusivity(unchecked) private var headWasSent = false
    @exclusivity(unchecked) private var pace = BodyPace()
    /// The status was sent, or the stream is gone.
    @exclusivity(unchecked) private(set) var isOver = false

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
    /// Calls the handler and answers with what it says. In the call's task, inside the interceptors.
    nonisolated(nonsending) func handle() async throws {}
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

    /// Starts the handler on the connection's event loop, inside the interceptors. What it throws answers the call.
    func launch() {
        connection.handlerStarted()
        task = Task(executorPreference: connection.executor) { [self] in
            do {
                try await ServerContext.$current.withValue(context) { try await connection.core.handle(self) }
                ended(nil)
            } catch {
                ended(error)
            }
        }
    }

    /// The handler returned, or threw. From anywhere.
    private func ended(_ error: (any Error)?) {
        guard isOnLoop else { return onLoop { self.ended(error) } }
        task = nil
        if let error {
            fail(RPCError(thrown: error))
        } else if !isOver {
            fail(RPCError(code: .unknown, message: "the handler ended without an answer"))
        }
        connection.handlerEnded()
    }

    /// Ends the call if its deadline has passed; answers the deadline otherwise.
    func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !isOver, let deadline = context.deadline else { return nil }
        guard deadline <= now else { return deadline }
        fail(RPCError(code: .deadlineExceeded, message: "the deadline passed"))
        return nil
    }

    /// Handlers nearly always are; asking saves the closure that ``onLoop(_:)`` takes.
    var isOnLoop: Bool { connection.executor.eventLoop.inEventLoop }

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
        over(Self.callIsOver)
    }

    private static let callIsOver = RPCError(code: .cancelled, message: "the call is over")

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
