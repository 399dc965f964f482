import Synchronization

/// A kind of value that interceptors keep beside a call, for example the verified caller.
public protocol ServerContextKey {
    associatedtype Value: Sendable
}

/// What a handler knows about its call, and what it may say besides its answers.
public final class ServerContext: Sendable {
    /// The context of the call whose handler is running. Outgoing calls take the remaining deadline from it.
    @TaskLocal public static var current: ServerContext?

    public let method: MethodDescriptor
    /// The client's metadata.
    public let metadata: Metadata
    /// When the server will cancel the handler. Nil when the client set no deadline.
    public let deadline: ContinuousClock.Instant?
    /// The client's address and port as the socket has it, for example `127.0.0.1:40312`.
    public let peer: String
    /// Who the client has proved to be by its certificate. Nil without mutual TLS.
    public let peerIdentity: PeerIdentity?
    /// Attempts of this call that the client made before, as it says. Source: gRPC, A6, "Exposed Retry Metadata".
    public let previousAttempts: Int

    /// Whether the client takes answers that are compressed with gzip.
    public var acceptsGzip: Bool { Compression.isGzip(in: acceptEncoding) }
    /// Read only when an answer shall be compressed.
    private let acceptEncoding: String

    private struct State {
        var requestWasCompressed = false
        var responseCompression = Compression.identity
        var compressionIsSettled = false
        var initialMetadata = Metadata()
        var trailingMetadata = Metadata()
        /// By the type of their key. A few at most, which are found faster in a row than in a table.
        var values: [(key: ObjectIdentifier, value: any Sendable)] = []
        var endsAtDrain = false
        /// Tells the connection; set by the call, once.
        var onEndsAtDrain: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    /// For tests of handlers and interceptors; the server makes its own.
    public convenience init(
        method: MethodDescriptor, metadata: Metadata = Metadata(), deadline: ContinuousClock.Instant? = nil,
        peer: String = "in-process", acceptsGzip: Bool = false, peerIdentity: PeerIdentity? = nil, previousAttempts: Int = 0
    ) {
        self.init(
            method: method, metadata: metadata, deadline: deadline, peer: peer, acceptEncoding: acceptsGzip ? "gzip" : "",
            peerIdentity: peerIdentity, previousAttempts: previousAttempts)
    }

    init(
        method: MethodDescriptor, metadata: Metadata, deadline: ContinuousClock.Instant?, peer: String, acceptEncoding: String,
        peerIdentity: PeerIdentity?, previousAttempts: Int
    ) {
        self.acceptEncoding = acceptEncoding
        self.peerIdentity = peerIdentity
        self.previousAttempts = previousAttempts
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.peer = peer
    }

    /// Sets the headers of the answer. Without effect once the first answer was written.
    public func setInitialMetadata(_ metadata: Metadata) {
        state.withLock { $0.initialMetadata = metadata }
    }

    public var initialMetadata: Metadata { state.withLock { $0.initialMetadata } }

    /// Sent after the last answer, whether the call succeeds or fails.
    public var trailingMetadata: Metadata {
        get { state.withLock { $0.trailingMetadata } }
        set { state.withLock { $0.trailingMetadata = newValue } }
    }

    /// Whether the request that the handler took last travelled compressed.
    public internal(set) var requestWasCompressed: Bool {
        get { state.withLock { $0.requestWasCompressed } }
        set { state.withLock { $0.requestWasCompressed = newValue } }
    }

    /// How answers are compressed. Without effect once the first answer was written, or where the client does not take it.
    public var responseCompression: Compression {
        get { state.withLock { $0.responseCompression } }
        set {
            guard newValue == .identity || acceptsGzip else { return }
            state.withLock { state in
                if !state.compressionIsSettled { state.responseCompression = newValue }
            }
        }
    }

    /// The compression that the head of the answer announces; it stays from here on.
    @usableFromInline func settleCompression() -> Compression {
        state.withLock { state in
            state.compressionIsSettled = true
            return state.responseCompression
        }
    }

    /// A value kept beside the call.
    public subscript<Key: ServerContextKey>(key: Key.Type) -> Key.Value? {
        get { state.withLock { $0.values.first { $0.key == ObjectIdentifier(key) }?.value } as? Key.Value }
        set {
            state.withLock { state in
                state.values.removeAll { $0.key == ObjectIdentifier(key) }
                if let newValue { state.values.append((ObjectIdentifier(key), newValue)) }
            }
        }
    }

    /// Lets the call end with UNAVAILABLE as soon as the server drains, instead of running on for the grace: for streams
    /// without an end of their own, whose clients go on elsewhere from where they stopped.
    public func endAtDrain() {
        let tell = state.withLock { state in
            state.endsAtDrain = true
            return state.onEndsAtDrain
        }
        tell?()
    }

    /// Whether ``endAtDrain()`` was called.
    public var endsAtDrain: Bool { state.withLock { $0.endsAtDrain } }

    func onEndsAtDrain(_ tell: (@Sendable () -> Void)?) {
        state.withLock { $0.onEndsAtDrain = tell }
    }
}
