import EndToEndSupport
import Foundation
import Testing

@Suite("The demo", .serialized)
struct DemoTests {
    private static let demo = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Demo")

    @Test("A customer writes, an agent answers, through three processes: the transcript is the golden one")
    func transcriptIsGolden() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "gateway"]) { services in
                let gateway = services["gateway"]
                let libraries = try #require(try gateway.process?.mappedLibraries())
                #expect(libraries.contains { $0.hasPrefix("libnghttp2.so") })
                #expect(libraries.contains { $0.hasPrefix("libprotobuf-c.so") })
                // The gateway has no SQL.
                #expect(!libraries.contains { $0.hasPrefix("libpq.so") })

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
}
