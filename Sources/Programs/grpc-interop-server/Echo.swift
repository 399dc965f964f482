import GRPC
import GRPCTesting

/// What the benches call: a message of 85 bytes comes back as it came, through decode and encode.
struct Echo: GRPC.Service {
    static let echo = MethodDescriptor(
        service: "switchboard.bench.Echo", method: "Unary", kind: .unary, idempotency: .noSideEffects,
        request: SimpleRequest.self, response: SimpleRequest.self)
    static let descriptor = ServiceDescriptor(name: "switchboard.bench.Echo", methods: [echo], fileDescriptorSet: { [] })

    func register(in router: inout Router) {
        router.unary(Self.echo) { (request: SimpleRequest, _) in request }
    }
}
