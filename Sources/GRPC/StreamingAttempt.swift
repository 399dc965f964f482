import HTTP2

/// One attempt of a call that streams; the call itself may take another one (``StreamingClientCall``).
final class StreamingAttempt: ClientCall, @unchecked Sendable {
    private let call: StreamingClientCall
    private var credit: StreamCredit?
    /// What was written before the stream was open. On the event loop, as all that follows.
    private var early: [[UInt8]] = []
    private var halfClosesEarly = false
    private var isOpen = false

    init(_ call: StreamingClientCall, _ head: Head, _ connection: ClientConnection) {
        self.call = call
        super.init(head, connection)
    }

    /// Opens the stream and sends what an earlier attempt had sent. From anywhere.
    func open(_ frames: [[UInt8]], halfClose: Bool) {
        connection.executor.perform { [self] in
            isOpen = true
            start()
            guard let stream else { return }
            credit = StreamCredit(stream, connection.executor)
            for frame in frames + early { stream.write(frame) }
            early = []
            if halfClose || halfClosesEarly { stream.end() }
        }
    }

    /// From anywhere.
    func write(_ framed: [UInt8]) {
        connection.executor.perform { [self] in
            if isOpen { stream?.write(framed) } else { early.append(framed) }
        }
    }

    /// From anywhere.
    func halfClose() {
        connection.executor.perform { [self] in
            if isOpen { stream?.end() } else { halfClosesEarly = true }
        }
    }

    /// A message of `bytes` was taken by its reader. From anywhere.
    func taken(_ bytes: Int, isEmpty: Bool) { credit?.taken(bytes, isEmpty: isEmpty) }

    override func receivedInitialMetadata(_ metadata: Metadata) { call.receivedInitialMetadata(metadata) }

    override func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {
        call.received(InboundMessage(bytes: Array(message), wasCompressed: wasCompressed))
    }

    override func arrived(_ count: Int) { credit?.arrived(count, queueIsEmpty: call.inbound.isEmpty) }

    override func sent(_ count: Int) { call.gate.sent(count) }

    override func finished(_ result: Result<Void, RPCError>) { call.ended(result) }
}
