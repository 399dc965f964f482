/// What a request's head asks for, where the server has it.
final class IncomingRequest {
    let route: any Route
    let method: MethodDescriptor
    let metadata: Metadata
    let compression: Compression
    let acceptEncoding: String
    let timeout: Duration?
    let previousAttempts: Int
    /// By which an equal head is known, see `HTTP2Session.headVersion`.
    let headVersion: Int?

    init(_ head: RequestHead, _ router: Router, headVersion: Int?) throws(RPCError) {
        guard let route = router.routes[head.path] ?? router.fallbackRoute,
            let method = route.method ?? head.passThroughMethod
        else { throw RPCError(code: .unimplemented, message: "unknown method \(head.path)") }
        guard let compression = Compression(header: head.encoding) else {
            var error = RPCError(code: .unimplemented, message: "unknown grpc-encoding")
            error.metadata.addUnchecked(name: "grpc-accept-encoding", value: .ascii(Compression.accepted))
            throw error
        }
        timeout = try Self.timeout(head.timeout)
        self.route = route
        self.method = method
        self.compression = compression
        self.headVersion = headVersion
        metadata = head.metadata
        acceptEncoding = head.acceptEncoding
        previousAttempts = head.previousAttempts
    }

    private static func timeout(_ text: String?) throws(RPCError) -> Duration? {
        guard let text else { return nil }
        guard let timeout = GRPCTimeout.parse(text) else {
            throw RPCError(code: .invalidArgument, message: "grpc-timeout is malformed")
        }
        return timeout
    }
}
