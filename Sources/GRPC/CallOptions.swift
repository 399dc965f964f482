/// What a caller may say about one call.
public struct CallOptions: Sendable {
    /// How long the call may take from now. The earlier of this and `deadline` holds.
    public var timeout: Duration?
    /// When the call must have ended.
    public var deadline: ContinuousClock.Instant?
    /// Sent as the request's headers.
    public var metadata: Metadata
    /// How requests are compressed.
    public var compression: Compression = .identity
    /// Whether the call waits while no server can be reached (until its deadline), or fails with UNAVAILABLE.
    /// Nil: what the channel's configuration says.
    public var waitForReady: Bool?
    /// Called once with the server's initial metadata, before any answer is delivered.
    public var onInitialMetadata: (@Sendable (Metadata) -> Void)?
    /// Called once with the server's trailing metadata, before the call ends.
    public var onTrailingMetadata: (@Sendable (Metadata) -> Void)?

    public init(
        timeout: Duration? = nil, deadline: ContinuousClock.Instant? = nil, metadata: Metadata = Metadata(),
        compression: Compression = .identity, waitForReady: Bool? = nil, onInitialMetadata: (@Sendable (Metadata) -> Void)? = nil,
        onTrailingMetadata: (@Sendable (Metadata) -> Void)? = nil
    ) {
        self.timeout = timeout
        self.deadline = deadline
        self.metadata = metadata
        self.compression = compression
        self.waitForReady = waitForReady
        self.onInitialMetadata = onInitialMetadata
        self.onTrailingMetadata = onTrailingMetadata
    }
}
