import HTTP2

/// The heads of a connection's requests: what each method's have in common is laid out once. Lives on the event loop.
final class RequestHeads {
    private let scheme: String
    private let authority: String
    /// By path.
    @exclusivity(unchecked) private var kept: [String: FixedHeaders] = [:]
    /// The method of the last request, which mostly is that of the next.
    @exclusivity(unchecked) private var last: (path: String, headers: FixedHeaders)?

    /// A proxy may be asked for paths without end.
    private static let keptMax = 1_024

    static let userAgent = "grpc-swift-nghttp2/0.1.0"

    init(scheme: String, authority: String) {
        self.scheme = scheme
        self.authority = authority
    }

    deinit {
        // The session has let its owner go, and sends nothing any more.
        for headers in kept.values { headers.deallocate() }
    }

    func block(_ head: ClientCall.Head) -> HeaderBlock {
        var others: [HeaderField] = []
        if let deadline = head.deadline {
            let timeout = GRPCTimeout.format(ContinuousClock.now.duration(to: deadline))
            others.append(HeaderField("grpc-timeout", timeout, isFleeting: true))
        }
        if head.previousAttempts > 0 {
            others.append(HeaderField("grpc-previous-rpc-attempts", String(head.previousAttempts)))
        }
        if let encoding = head.compression.header { others.append(HeaderField("grpc-encoding", encoding)) }
        head.metadata.append(to: &others)
        if let headers = headers(head.path) { return .fixed(headers, others) }
        return .fields(common(head.path) + others)
    }

    /// Nil where no further path is kept.
    private func headers(_ path: String) -> FixedHeaders? {
        if let last, last.path == path { return last.headers }
        guard let headers = kept[path] ?? keep(path) else { return nil }
        last = (path, headers)
        return headers
    }

    private func keep(_ path: String) -> FixedHeaders? {
        guard kept.count < Self.keptMax else { return nil }
        let headers = FixedHeaders(common(path))
        kept[path] = headers
        return headers
    }

    private func common(_ path: String) -> [HeaderField] {
        [
            HeaderField(":method", "POST"), HeaderField(":scheme", scheme), HeaderField(":path", path),
            HeaderField(":authority", authority), HeaderField("te", "trailers"),
            HeaderField("content-type", "application/grpc"), HeaderField("user-agent", Self.userAgent),
            HeaderField("grpc-accept-encoding", Compression.accepted),
        ]
    }
}
