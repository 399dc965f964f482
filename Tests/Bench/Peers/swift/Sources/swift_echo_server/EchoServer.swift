import EchoMessages
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import NIOPosix

/// echo.proto on grpc-swift-2. swift_echo_server [PORT]
@main
struct EchoServer {
    static func main() async throws {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0),
            transportSecurity: .plaintext, eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        try await withGRPCServer(transport: transport, services: [EchoService()]) { server in
            let port = try await server.listeningAddress?.ipv4?.port ?? 0
            FileHandle.standardOutput.write(Data("listening on port \(port)\n".utf8))
            try await Task.sleep(for: .seconds(100_000))
        }
    }
}

private struct EchoService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: method("Echo"), deserializer: ProtobufDeserializer<Bench_Note>(),
            serializer: ProtobufSerializer<Bench_Note>()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: request.message))
        }
        router.registerHandler(
            forMethod: method("Download"), deserializer: ProtobufDeserializer<Bench_StreamRequest>(),
            serializer: ProtobufSerializer<Bench_Chunk>()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            let chunk = Bench_Chunk.with { $0.payload = Data(repeating: 0x78, count: Int(request.message.payloadBytes)) }
            return StreamingServerResponse { writer in
                for _ in 0..<request.message.count { try await writer.write(chunk) }
                return [:]
            }
        }
        router.registerHandler(
            forMethod: method("PingPong"), deserializer: ProtobufDeserializer<Bench_Note>(),
            serializer: ProtobufSerializer<Bench_Note>()
        ) { request, _ in
            StreamingServerResponse { writer in
                for try await note in request.messages { try await writer.write(note) }
                return [:]
            }
        }
    }

    private func method(_ name: String) -> MethodDescriptor {
        MethodDescriptor(fullyQualifiedService: "bench.EchoService", method: name)
    }
}
