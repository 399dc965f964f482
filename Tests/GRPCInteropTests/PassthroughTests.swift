import Foundation
import GRPC
import GRPCTesting
import GoogleProtobuf
import GoogleRPC
import Testing

@testable import Gateway

/// The gateway's pass-through between Google's client and a server of ours.
@Suite("Interoperability through the gateway", .timeLimit(.minutes(1)))
struct PassthroughTests {
    @Test("grpcio's client through the gateway: metadata, trailers, cancellation and deadlines of all four kinds survive")
    func grpcioThroughTheGateway() async throws {
        var set = FileDescriptorSet()
        for bytes in [GRPCTestingFileDescriptors.serialized, GoogleRPCFileDescriptors.serialized] {
            for file in try FileDescriptorSet(serialized: bytes).file
            where !set.file.contains(where: { $0.name == file.name }) { set.file.append(file) }
        }
        let url = FileManager.default.temporaryDirectory.appending(path: "passthrough-\(UUID().uuidString).binpb")
        try Data(set.serialized()).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }

        let backend = try Peer(Peer.program("grpc-interop-server"), [])
        let address = try #require(ServerAddress(try backend.address()))
        var limits = ChannelConfiguration()
        limits.responseBytesMax = 64 << 20
        let channel = Channel(addresses: [address], configuration: limits)
        var router = Router()
        router.fallback(Passthrough(backends: [(prefix: "grpc.", channel: channel)], services: []).relay)
        let gateway = Server(configuration: ServerConfiguration(requestBytesMax: 64 << 20), router: router)
        let port = try #require(try await gateway.start().port)
        let client = try Peer(Peer.python, [Peer.script("interop_client.py"), "127.0.0.1:\(port)", url.path])
        let result = try await Task.detached { try client.finish() }.value
        for line in result.lines { #expect(line.hasPrefix("ok "), "\(line)") }
        #expect(result.status == 0)
        #expect(result.lines.count == 15)
        await gateway.drain(within: .zero)
        await channel.close()
        _ = backend
    }
}
