import HTTP2
import NIOCore
import Protobuf

/// One attempt of a call on a client: everything but what depends on its kind.
///
/// Lives on its connection's event loop; only methods that say so may be called from elsewhere.
class ClientCall: HTTP2StreamDelegate, @unchecked Sendable {
    /// What the call's kind does not change.
    struct Head: Sendable {
        let path: String
        let metadata: Metadata
        let deadline: ContinuousClock.Instant?
        var compression = Compression.identity
        let responseBytesMax: Int
        /// Attempts of the same call before this one. Source: gRPC, A6, "Exposed Retry Metadata".
        var previousAttempts = 0
        var onInitialMetadata: (@Sendable (Metadata) -> Void)?
        var onTrailingMetadata: (@Sendable (Metadata) -> Void)?
    }

    let head: Head
    let connection: ClientConnection
    // One thread uses a call, never from inside one of these variables.
    @exclusivity(unchecked) private(set) var stream: HTTP2Stream?
    @exclusivity(unchecked) private var decoding: MessageDecoding?
    @exclusivity(unchecked) private var httpStatus: String?
    @exclusivity(unchecked) private(set) var isOver = false

    init(_ head: Head, _ connection: ClientConnection) {
        self.head = head
        self.connection = connection
        connection.callBegins()
    }

    // MARK: What the kinds fill in

    func receivedInitialMetadata(_ metadata: Metadata) {}
    func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {}
    func arrived(_ count: Int) { stream?.took(count) }
    func finished(_ result: Result<Void, RPCError>) {}
    func sent(_ count: Int) {}

    // MARK: The attempt

    /// Opens the stream. On the event loop.
    func start() {
        guard !isOver else { return }
        do throws(RPCError) {
            stream = try connection.open(self)
        } catch {
            return finish(.failure(error))
        }
        if let deadline = head.deadline { connection.watch(deadline) }
    }

    /// Ends the call if its deadline has passed; answers the deadline otherwise.
    func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !isOver, let deadline = head.deadline else { return nil }
        guard deadline <= now else { return deadline }
        abandon(RPCError(code: .deadlineExceeded, message: "the deadline passed"))
        return nil
    }

    /// Gives the call up. From anywhere.
    func cancel() {
        connection.executor.perform { [self] in abandon(RPCError(code: .cancelled, message: "the call was cancelled")) }
    }

    /// Ends the call from our side, and tells the server.
    func abandon(_ error: RPCError) {
        guard !isOver else { return }
        stream?.reset(.cancel)
        finish(.failure(error))
    }

    private func finish(_ result: Result<Metadata, RPCError>) {
        guard !isOver else { return }
        isOver = true
        connection.callEnded()
        switch result {
        case .success(let metadata): head.onTrailingMetadata?(metadata)
        // An attempt that no server saw has no trailers, and another one may follow.
        case .failure(let error): if !error.neverProcessed { head.onTrailingMetadata?(error.metadata) }
        }
        finished(result.map { _ in })
    }

    // MARK: HTTP2StreamDelegate

    func receivedHeaders(_ fields: [HeaderField], endStream: Bool, tooLarge: Bool) {
        guard !isOver else { return }
        guard !tooLarge else {
            return abandon(RPCError(code: .resourceExhausted, message: "the server's metadata is too large"))
        }
        if httpStatus == nil {
            let status = fields.first(named: ":status")
            // Informational: the real head follows.
            if let status, status.hasPrefix("1"), !endStream { return }
            httpStatus = status ?? ""
            if !endStream { return receivedHead(fields) }
        }
        if endStream { receivedTrailers(fields) }
    }

    private func receivedHead(_ fields: [HeaderField]) {
        guard httpStatus == "200", fields.first(named: "content-type")?.hasPrefix("application/grpc") == true else {
            return abandon(StatusWire.fromHTTP(httpStatus, metadata: Metadata(received: fields)))
        }
        guard let compression = Compression(header: fields.first(named: "grpc-encoding")) else {
            return abandon(RPCError(code: .internal, message: "the server compresses in a way that was not offered"))
        }
        decoding = MessageDecoding(compression: compression, bytesMax: head.responseBytesMax)
        let metadata = Metadata(received: fields)
        head.onInitialMetadata?(metadata)
        receivedInitialMetadata(metadata)
    }

    private func receivedTrailers(_ fields: [HeaderField]) {
        let status = StatusWire.parse(fields, httpStatus: httpStatus)
        // The server is done before us: nothing that we still send is wanted.
        stream?.resetIfOpen(.cancel)
        if case .success = status, decoding?.isBetweenMessages == false {
            return finish(.failure(RPCError(code: .internal, message: "the answer ended inside a message")))
        }
        finish(status)
    }

    func receivedData(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver, decoding != nil else { return stream?.took(bytes.count) ?? () }
        do throws(RPCError) {
            try decoding?.feed(bytes) { try received($0, wasCompressed: $1) }
            arrived(bytes.count)
        } catch {
            stream?.took(bytes.count)
            abandon(error)
        }
    }

    func receivedEnd() {
        finish(.failure(StatusWire.fromHTTP(httpStatus)))
    }

    func closed(_ code: HTTP2ErrorCode, processed: Bool, connectionLost: Bool) {
        // A call that has seen an answer was processed, whatever the code says.
        let processed = processed || httpStatus != nil
        finish(.failure(StatusWire.fromReset(code, processed: processed, connectionLost: connectionLost)))
    }
}
