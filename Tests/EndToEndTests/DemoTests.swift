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

                let transcript = try await Self.play(
                    "demo.py", at: gateway,
                    ["--token", try await platform.agentToken(role: "agent"), "--widget-key", Platform.widgetKey], platform)
                #expect(transcript == (try Self.golden("transcript.txt")))
            }
        }
    }

    @Test(
        "C12, C14, C15, C20, S25: a small day of a team at the gateway: a lapsed offer, a transfer, a broken promise, a lost agent",
        .timeLimit(.minutes(5)))
    func dayIsGolden() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "routing", "tickets", "gateway"]) { services in
                let token = "\(try Platform.programsDirectory())/switchboard token --keys \(platform.keys)"
                let transcript = try await Self.play(
                    "day.py", at: services["gateway"],
                    [
                        "--admin-token", try await platform.agentToken(),
                        "--token-command", "\(token) --tenant \(platform.tenantID.text)",
                    ], platform)
                #expect(transcript == (try Self.golden("day.txt")))
            }
        }
    }

    /// - Returns: what it has printed.
    private static func play(
        _ script: String, at gateway: ServiceProcess, _ arguments: [String], _ platform: Platform
    ) async throws -> String {
        try await ChildProcess.run(
            ["/usr/bin/python3", demo.appending(path: script).path, "--base", "http://127.0.0.1:\(gateway.listen.http)"]
                + arguments,
            environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"],
            logFile: "\(platform.directory)/\(script).log",
            within: .seconds(180))
    }

    private static func golden(_ file: String) throws -> String {
        try String(contentsOf: demo.appending(path: file), encoding: .utf8)
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
