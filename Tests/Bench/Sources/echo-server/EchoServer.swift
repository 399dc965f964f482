import Bench
import GRPC
import Glibc
import NIOPosix

/// The echo by the public interface and on one event loop, with deadlines, metrics and limits as in production.
struct EchoService: EchoServiceProtocol {
    func echo(_ request: Note, _ context: ServerContext) async throws -> Note { request }

    func download(
        _ request: StreamRequest, _ responses: ResponseWriter<Chunk>, _ context: ServerContext
    ) async throws {
        let chunk = Chunk(payload: Array(repeating: 0x78, count: Int(request.payloadBytes)))
        for _ in 0..<request.count { try await responses.write(chunk) }
    }

    func pingPong(
        _ requests: RequestStream<Note>, _ responses: ResponseWriter<Note>, _ context: ServerContext
    ) async throws {
        for try await request in requests { try await responses.write(request) }
    }
}

// echo-server [PORT]
@main
struct EchoServer {
    static func main() async throws {
        let server = Server(
            configuration: ServerConfiguration(
                port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0, connectionsMax: 20_000),
            services: [EchoService()],
            interceptors: [MetricsInterceptor([EchoServiceDescriptor.service], factory: CountingMetrics())],
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        let address = try await server.start()
        print("listening on port \(address.port ?? 0)")
        fflush(nil)
        try await server.run()
    }
}
