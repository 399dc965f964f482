import Foundation
import GRPC
import GRPCTesting
import GoogleProtobuf
import GoogleRPC
import Synchronization
import Testing

@testable import Gateway

/// The gateway's pass-through between Google's client and a server of ours.
@Suite("Interoperability through the gateway", .timeLimit(.minutes(1)))
struct PassthroughTests {
    @Test("grpcio's client through the gateway: metadata, trailers, cancellation and deadlines of all four kinds survive")
    func grpcioThroughTheGateway() async throws {
        let url = try Peer.descriptorSet()
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
        // Compression is each connection's own.
        let leftOut = ["gzip_requests", "gzip_answers", "gzip_not_taken"]
        let client = try Peer(Peer.python, [Peer.script("interop_client.py"), "127.0.0.1:\(port)", url.path] + leftOut)
        let result = try await Task.detached { try client.finish() }.value
        for line in result.lines { #expect(line.hasPrefix("ok "), "\(line)") }
        #expect(result.status == 0)
        #expect(result.lines.count == 23)
        await gateway.drain(within: .zero)
        await channel.close()
        _ = backend
    }

    @Test(
        "grpcio, all four kinds each: metadata, trailers, errors, deadlines and cancellation reach the other side of the gateway")
    func eachOfTheFourKinds() async throws {
        let ended = Ended()
        var kinds = Router()
        kinds.fallback { requests, responses, context in try await Self.answer(requests, responses, context, ended) }
        try await Self.throughTheGateway(kinds) { port in
            let client = try Peer(Peer.python, [Peer.script("passthrough_client.py"), "127.0.0.1:\(port)"])
            let result = try await Task.detached { try client.finish() }.value
            for line in result.lines { #expect(line.hasPrefix("ok "), "\(line)") }
            #expect(result.status == 0)
            #expect(result.lines.count == 16)
            // The handlers behind the gateway were cancelled, and knew of their deadlines.
            await ended.wait(for: 8)
            #expect(ended.deadlines == ["Both": true, "Client": true, "Server": true, "Unary": true])
        }
    }

    @Test("a reader that stops holds back the sender through both legs: little is on the way, and nothing is lost")
    func backPressure() async throws {
        let messageBytes = 64 << 10
        let total = 1_000
        let sent = Ended()
        var kinds = Router()
        kinds.fallback { _, responses, _ in
            for _ in 0..<total {
                try await responses.write([UInt8](repeating: 7, count: messageBytes))
                sent.note("sent")
            }
        }
        try await Self.throughTheGateway(kinds) { port in
            let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: port)])
            let method = MethodDescriptor(
                service: "passthrough.test.Kinds", method: "Both", kind: .bidirectionalStreaming,
                request: FileDescriptorSet.self, response: FileDescriptorSet.self)
            try await channel.raw(method) { writer, answers in
                writer.finish()
                var iterator = answers.makeAsyncIterator()
                _ = try await iterator.next()
                // It has come to rest: nothing more is sent in a while.
                var before = -1
                while sent.count != before {
                    before = sent.count
                    try await Task.sleep(for: .milliseconds(300))
                }
                print("\(before) messages of 64 KiB were on the way while nobody read")
                // Two legs of a stream window each, and the sockets' buffers.
                #expect(before * messageBytes < 8 << 20)
                var received = 1
                while try await iterator.next() != nil { received += 1 }
                #expect(received == total)
            }
            await channel.close()
        }
    }

    /// A backend with these routes behind a gateway; `body` is given the gateway's port.
    private static func throughTheGateway(_ routes: Router, _ body: (Int) async throws -> Void) async throws {
        let backend = Server(configuration: ServerConfiguration(), router: routes)
        let backendPort = try #require(try await backend.start().port)
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: backendPort)])
        var router = Router()
        router.fallback(Passthrough(backends: [(prefix: "passthrough.", channel: channel)], services: []).relay)
        let gateway = Server(configuration: ServerConfiguration(), router: router)
        let port = try #require(try await gateway.start().port)
        try await body(port)
        await gateway.drain(within: .zero)
        await channel.close()
        await backend.drain(within: .zero)
    }

    /// Each kind by its name, over bytes; the metadata say what else to do.
    private static func answer(
        _ requests: RequestStream<[UInt8]>, _ responses: ResponseWriter<[UInt8]>, _ context: ServerContext, _ ended: Ended
    ) async throws {
        let kind = context.method.method
        if let wait = context.metadata["x-wait"] {
            if wait == "deadline" { ended.noteDeadline(of: kind, context.deadline != nil) }
            ended.noteWaiting()
            defer { ended.note(kind) }
            while !Task.isCancelled { try await Task.sleep(for: .seconds(60)) }
            return
        }
        if context.metadata["x-count"] != nil { return try await responses.write(Array("\(ended.waiting)".utf8)) }
        if context.metadata["x-fail"] != nil {
            context.trailingMetadata = ["x-trailing": "failed"]
            throw RPCError(code: .aborted, message: "raced ☺ 100 %")
        }
        var initial: Metadata = ["x-initial": context.metadata["x-in"] ?? ""]
        var trailing: Metadata = ["x-trailing": context.metadata["x-in"] ?? ""]
        for bytes in context.metadata.binaries("x-in-bin") {
            initial.add(bytes, for: "x-initial-bin")
            trailing.add(bytes, for: "x-trailing-bin")
        }
        context.setInitialMetadata(initial)
        context.trailingMetadata = trailing
        var all: [UInt8] = []
        for try await request in requests {
            switch kind {
            case "Unary", "Both": try await responses.write(request)
            case "Server": for _ in 0..<3 { try await responses.write(request) }
            default: all += request
            }
        }
        if kind == "Client" { try await responses.write(all) }
    }
}

/// What the handlers behind the gateway saw.
private final class Ended: Sendable {
    private let seen = Mutex<(names: [String], deadlines: [String: Bool], waiting: Int)>(([], [:], 0))

    var count: Int { seen.withLock { $0.names.count } }
    var deadlines: [String: Bool] { seen.withLock { $0.deadlines } }

    /// Handlers that have begun to wait.
    var waiting: Int { seen.withLock { $0.waiting } }

    func noteWaiting() { seen.withLock { $0.waiting += 1 } }
    func note(_ name: String) { seen.withLock { $0.names.append(name) } }
    func noteDeadline(of name: String, _ isSet: Bool) { seen.withLock { $0.deadlines[name] = isSet } }

    func wait(for count: Int) async {
        while self.count < count { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
