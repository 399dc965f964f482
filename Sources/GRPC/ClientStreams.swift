import Protobuf
import Synchronization

/// The undecoded answers of a call.
protocol RawResponseSource: AnyObject, Sendable {
    func next() async throws(RPCError) -> [UInt8]?
    func metadata() async throws(RPCError) -> Metadata
}

extension StreamingClientCall: RawResponseSource {
    func metadata() async throws(RPCError) -> Metadata { await initialMetadata() }

    func writer<Request: Message>() -> RequestWriter<Request> {
        RequestWriter { (request, compressed) throws(RPCError) in
            try await self.send(request.framed(compressed ? self.compression : .identity))
        } close: {
            self.halfClose()
        }
    }

    func rawWriter() -> RequestWriter<[UInt8]> {
        RequestWriter { (message, compressed) throws(RPCError) in
            try await self.send(MessageFrame.frame(message, compressed ? self.compression : .identity))
        } close: {
            self.halfClose()
        }
    }
}

/// The answers of a call, as messages.
final class DecodedResponses<Element: Message>: ResponseSource {
    private let call: any RawResponseSource
    private let limits: DecodingLimits

    init(_ call: any RawResponseSource, _ limits: DecodingLimits) {
        self.call = call
        self.limits = limits
    }

    func next() async throws(RPCError) -> Element? {
        guard let bytes = try await call.next() else { return nil }
        return try Element(received: bytes, limits: limits)
    }

    func initialMetadata() async throws(RPCError) -> Metadata { try await call.metadata() }
}

/// The answers of a call, as bytes.
final class RawResponses: ResponseSource {
    private let call: any RawResponseSource

    init(_ call: any RawResponseSource) { self.call = call }

    func next() async throws(RPCError) -> [UInt8]? { try await call.next() }

    func initialMetadata() async throws(RPCError) -> Metadata { try await call.metadata() }
}

/// A server-streaming call: begun when it is first read, repeated while no answer has come, cancelled when it is dropped.
final class ServerStreamingCall: RawResponseSource {
    private let channel: Channel
    private let head: ClientCallHead
    private let framed: [UInt8]
    private let call = Mutex<StreamingClientCall?>(nil)
    /// Why the call could not begin; it is not tried again.
    private let failure = Mutex<RPCError?>(nil)

    init(_ channel: Channel, _ head: ClientCallHead, framed: [UInt8]) {
        self.channel = channel
        self.head = head
        self.framed = framed
    }

    deinit {
        guard let call = call.withLock({ $0 }), call.result == nil else { return }
        call.cancel()
    }

    func next() async throws(RPCError) -> [UInt8]? {
        if let call = call.withLock({ $0 }) { return try await call.next() }
        return try await begin { call throws(RPCError) in try await call.next() }
    }

    func metadata() async throws(RPCError) -> Metadata {
        if let call = call.withLock({ $0 }) { return await call.initialMetadata() }
        return try await begin { call throws(RPCError) in await call.initialMetadata() }
    }

    /// Makes the call; `probe` waits for the first sign of an answer. Interceptors wrap this much of it.
    private func begin<Result: Sendable>(
        _ probe: @Sendable (StreamingClientCall) async throws(RPCError) -> Result
    ) async throws(RPCError) -> Result {
        if let failure = failure.withLock({ $0 }) { throw failure }
        do {
            return try await channel.intercepted(channel.interceptors[...], head) { head in
                try await channel.repeating(head) { connection, previous throws(RPCError) in
                    // One attempt each: `repeating` makes the others.
                    let call = StreamingClientCall(
                        sendBufferBytesMax: channel.configuration.http2.sendBufferBytesMax, replayBytesMax: 0,
                        compression: head.options.compression)
                    call.begin(channel.attempt(head, previous), connection)
                    try await call.send(framed)
                    call.halfClose()
                    let result = try await probe(call)
                    self.call.withLock { $0 = call }
                    return result
                }
            }
        } catch {
            let error = RPCError(thrown: error)
            failure.withLock { $0 = error }
            throw error
        }
    }
}
