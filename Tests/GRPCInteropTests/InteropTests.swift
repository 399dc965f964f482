import Foundation
import Testing

/// Our programs and Google's gRPC for Python and C++, each as the other's server.
@Suite("Interoperability", .timeLimit(.minutes(1)))
struct InteropTests {
    private static let compressed = [
        "client_compressed_unary", "client_compressed_streaming", "server_compressed_unary", "server_compressed_streaming",
    ]

    private func expectAllOK(_ result: (status: Int32, lines: [String]), _ count: Int) {
        for line in result.lines { #expect(line.hasPrefix("ok "), "\(line)") }
        #expect(result.status == 0)
        #expect(result.lines.count == count)
    }

    @Test("grpcio's client against our server: the public cases, gzip, deadlines, rich errors, sizes, health, reflection")
    func grpcioClient() throws {
        let set = try Peer.descriptorSet()
        defer { try? FileManager.default.removeItem(at: set) }
        let server = try Peer(Peer.program("grpc-interop-server"), [])
        let client = try Peer(Peer.python, [Peer.script("interop_client.py"), try server.address(), set.path])
        expectAllOK(try client.finish(), 26)
        _ = server
    }

    @Test("our client against grpcio's server: the public cases")
    func grpcioServer() throws {
        let set = try Peer.descriptorSet()
        defer { try? FileManager.default.removeItem(at: set) }
        let server = try Peer(Peer.python, [Peer.script("interop_server.py"), set.path])
        let client = try Peer(Peer.program("grpc-interop-client"), [try server.address()])
        expectAllOK(try client.finish(), 16)
        _ = server
    }

    @Test("gRPC C++'s client against our server: the public cases, the compressed ones among them")
    func cPlusPlusClient() throws {
        let server = try Peer(Peer.program("grpc-interop-server"), [])
        let client = try Peer(Peer.cPlusPlus, ["call", try server.address()])
        expectAllOK(try client.finish(), 18)
        _ = server
    }

    @Test("our client against gRPC C++'s server: the public cases, the compressed ones among them")
    func cPlusPlusServer() throws {
        let server = try Peer(Peer.cPlusPlus, ["serve"])
        let address = try server.address()
        for cases in [[], Self.compressed] {
            let client = try Peer(Peer.program("grpc-interop-client"), [address] + cases)
            expectAllOK(try client.finish(), cases.isEmpty ? 16 : 4)
        }
        _ = server
    }

    @Test("our client against our server: the public cases")
    func ourselves() throws {
        let server = try Peer(Peer.program("grpc-interop-server"), [])
        let client = try Peer(Peer.program("grpc-interop-client"), [try server.address()])
        expectAllOK(try client.finish(), 16)
        _ = server
    }

    @Test("our client against our server: compressed requests and answers, message by message")
    func compressed() throws {
        let server = try Peer(Peer.program("grpc-interop-server"), [])
        let client = try Peer(Peer.program("grpc-interop-client"), [try server.address()] + Self.compressed)
        expectAllOK(try client.finish(), 4)
        _ = server
    }

    @Test("a server short of file descriptors greets as many as it has them for, hangs up on the others, and takes new ones")
    func fewDescriptors() throws {
        // 64, of which half are for other things.
        let server = try Peer(URL(filePath: "/usr/bin/prlimit"), ["--nofile=64", Peer.program("grpc-interop-server").path])
        let crowd = try Peer(Peer.python, [Peer.script("crowd.py"), try server.address(), "200", "32"])
        expectAllOK(try crowd.finish(), 1)
        _ = server
    }
}
