/// The messages that a client sends to a handler, in order. Ends when the client has half-closed.
///
/// One reader. While it does not read, the client is slowed down by flow control. Throws ``RPCError`` (CANCELLED when
/// the client or the deadline ended the call, INTERNAL for bytes that are no message). `Element` is a message, or
/// `[UInt8]` where calls pass through undecoded.
public struct RequestStream<Element: Sendable>: AsyncSequence, Sendable {
    /// Stays on the executor of the reader's task, which others would ask for twice.
    typealias Pull = nonisolated(nonsending) @Sendable () async throws(RPCError) -> Element?

    let pull: Pull

    init(pull: @escaping Pull) {
        self.pull = pull
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let pull: Pull

        public mutating func next() async throws(RPCError) -> Element? { try await pull() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> Element? {
            try await pull()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: pull) }
}

/// The messages that a server answers with, in order. Ends when the call ended with OK; throws the ``RPCError`` with
/// which it ended otherwise.
///
/// One reader. While it does not read, the server is slowed down by flow control. A stream that is dropped before its
/// end cancels its call.
public struct ResponseStream<Element: Sendable>: AsyncSequence, Sendable {
    let call: any ResponseSource<Element>

    public struct AsyncIterator: AsyncIteratorProtocol {
        let call: any ResponseSource<Element>

        public mutating func next() async throws(RPCError) -> Element? { try await call.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> Element? {
            try await call.next()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(call: call) }

    /// The server's initial metadata, as soon as it is there. Empty when the server answered with its status alone.
    public var initialMetadata: Metadata {
        get async throws(RPCError) { try await call.initialMetadata() }
    }
}

/// Where a ``ResponseStream`` reads.
package protocol ResponseSource<Element>: AnyObject, Sendable {
    associatedtype Element: Sendable
    func next() async throws(RPCError) -> Element?
    func initialMetadata() async throws(RPCError) -> Metadata
}

/// Sends a handler's answers.
public struct ResponseWriter<Element: Sendable>: Sendable {
    let push: Pushing<Element>

    init(push: @escaping Pushing<Element>) {
        self.push = push
    }

    /// Queues one answer. Suspends while more than the stream's bound (`HTTP2Limits.sendBufferBytesMax`) waits for the
    /// client's flow control. Throws CANCELLED when the call is over. With `compressed` false the message goes as it is
    /// where ``ServerContext/responseCompression`` compresses the others.
    nonisolated(nonsending) public func write(_ message: Element, compressed: Bool = true) async throws(RPCError) {
        try await push(message, compressed)
    }
}

/// Sends a client's requests.
public struct RequestWriter<Element: Sendable>: Sendable {
    let push: Pushing<Element>
    let close: @Sendable () -> Void

    /// Queues one request. Suspends while more than the stream's bound waits for the server's flow control. Throws the
    /// call's error when it is over. With `compressed` false the message goes as it is where ``CallOptions/compression``
    /// compresses the others.
    nonisolated(nonsending) public func write(_ message: Element, compressed: Bool = true) async throws(RPCError) {
        try await push(message, compressed)
    }

    /// Half-closes: the server learns that no further request comes. Also done when the closure returns that was
    /// given the writer.
    public func finish() { close() }
}

/// Stays on the executor of the writer's task.
typealias Pushing<Element> = nonisolated(nonsending) @Sendable (Element, _ compressed: Bool) async throws(RPCError) -> Void
