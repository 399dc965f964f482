import EndToEndSupport
import Foundation
import Testing

@Suite("The demo", .serialized)
struct DemoTests {
    private static let demo = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Demo")

    @Test(
        "A customer writes, an agent answers, through three processes on three ports that use the C libraries: the golden transcript"
    )
    func transcriptIsGolden() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "gateway"]) { services in
                let gateway = services["gateway"]
                #expect(Set(services.all.compactMap(\.process?.pid)).count == 3)
                #expect(Set(services.all.map(\.listen.grpc)).count == 3)
                for service in services.all { try Self.expectLibraries(of: service) }

                let transcript = try await ChildProcess.run(
                    [
                        "/usr/bin/python3", Self.demo.appending(path: "demo.py").path,
                        "--base", "http://127.0.0.1:\(gateway.listen.http)",
                        "--token", try await platform.agentToken(role: "agent"), "--widget-key", Platform.widgetKey,
                    ], environment: ["PATH": "/usr/bin:/bin"], logFile: platform.directory + "/demo.log")
                let golden = try String(contentsOf: Self.demo.appending(path: "transcript.txt"), encoding: .utf8)
                #expect(transcript == golden)
            }
        }
    }

    /// nghttp2, protobuf-c and libpq; the gateway, which has no SQL, the first two.
    private static func expectLibraries(of service: ServiceProcess) throws {
        let mapped = try #require(try service.process?.mappedLibraries())
        let used = Set(
            ["libnghttp2.so", "libprotobuf-c.so", "libpq.so"].filter { name in mapped.contains { $0.hasPrefix(name) } })
        let gateway: Set = ["libnghttp2.so", "libprotobuf-c.so"]
        #expect(used == (service.service == "gateway" ? gateway : gateway.union(["libpq.so"])), "\(service.service)")
    }
}
