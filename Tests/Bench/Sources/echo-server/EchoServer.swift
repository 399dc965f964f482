import Foundation
import GRPC
import GoogleProtobuf
import NIOPosix

/// The unary echo of `Peers/echo.proto`, by the public interface and on one event loop.
struct EchoService: Service {
    static let echo = MethodDescriptor(
        service: "bench.EchoService", method: "Echo", kind: .unary, request: StringValue.self, response: StringValue.self)

    static let descriptor = ServiceDescriptor(name: "bench.EchoService", methods: [echo], fileDescriptorSet: { [] })

    func register(in router: inout Router) {
        router.unary(Self.echo) { (request: StringValue, _) in request }
    }
}

@main
struct EchoServer {
    static func main() async throws {
        let server = Server(
            configuration: ServerConfiguration(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0),
            services: [EchoService()], eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        let address = try await server.start()
        FileHandle.standardOutput.write(Data("listening on port \(address.port ?? 0)\n".utf8))
        try await server.run()
    }
}
