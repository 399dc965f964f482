import ContactsV1
import EndToEndSupport
import Foundation
import GRPC
import NIOPosix
import Testing

/// The gateway before real services: browsers and streams over its death and over restarts of what is behind it.
@Suite("The edge", .serialized)
struct EdgeTests {
    private static let services = ["contacts", "conversations", "gateway"]
    private static let peers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Peers")

    /// Python with the packages of Tests/Peers/requirements.txt: `SWITCHBOARD_PYTHON`, or the one that `./dev` makes.
    private static var python: String {
        ProcessInfo.processInfo.environment["SWITCHBOARD_PYTHON"]
            ?? URL(filePath: FileManager.default.currentDirectoryPath).appending(path: ".switchboard/venv/bin/python3").path
    }

    @Test("A customer and an agent in two browsers: live without reload, nothing missing or doubled over kill -9 of the gateway")
    func twoBrowsers() async throws {
        // A folder to keep pictures of the pages in, for people.
        let pictures = ProcessInfo.processInfo.environment["SWITCHBOARD_SCREENSHOTS"].map { ["--screenshots", $0] } ?? []
        try await play("web_chat_in_browsers.py", pictures, says: "both sides have all four messages, each once")
    }

    @Test("Streams opened with a ticket and with a token resume by Last-Event-ID over kill -9 of the gateway; no message is lost")
    func streamsResume() async throws {
        try await play("edge_resumes.py", says: "the agent's stream brought each once and in order")
    }

    @Test(
        "API 5: grpcio finds every service of every contract at the gateway, with its messages, and its health, without a token")
    func reflection() async throws {
        try await Platform.with { platform in
            try await platform.running(["gateway"]) { services in
                let port = services["gateway"].listen.grpc
                let told = try await ChildProcess.run(
                    [Self.python, Self.peers.appending(path: "reflect.py").path, "127.0.0.1:\(port)"],
                    environment: ["PATH": "/usr/bin:/bin"], logFile: platform.directory + "/reflect.log")
                for contract in Platform.keepers {
                    #expect(told.contains("switchboard.\(contract).v1."), "\(contract) is not there: \(told)")
                }
                #expect(told.contains("health 1\n"), "\(told)")
                let client = ContactsServiceDescriptor.service
                #expect(told.contains("\(client.name) \(client.methods.count)\n"), "\(told)")
            }
        }
    }

    @Test("Experiment 16: with streams open, each process drains well inside its grace, and the streams go on")
    func E16_drainWithOpenStreams() async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services) { services in
                let gateway = services["gateway"]
                let base = "http://127.0.0.1:\(gateway.listen.http)"
                let token = try await platform.agentToken(role: "agent")
                let listening = [
                    try await platform.liveStream(of: gateway),
                    try await platform.liveStream(of: gateway, path: "/v1/contacts:watch"),
                ]

                // Contacts and the gateway hold a Watch of conversations open.
                try await Self.drains(services["conversations"])
                try await services["conversations"].start()
                _ = try await ChildProcess.run(
                    [
                        "/usr/bin/python3", Self.peers.deletingLastPathComponent().appending(path: "Demo/demo.py").path,
                        "--base", base, "--token", token, "--widget-key", Platform.widgetKey,
                    ], environment: ["PATH": "/usr/bin:/bin"], logFile: platform.directory + "/demo.log")
                // The gateway's own Watch has resumed.
                try await listening[0].says("event: message_added")

                // A Watch that passes through, undecoded, has no end either.
                let channel = Channel(
                    addresses: [ServerAddress(host: "127.0.0.1", port: gateway.listen.grpc)],
                    eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
                let options = CallOptions(metadata: ["authorization": "Bearer \(token)"], waitForReady: true)
                var watched = ContactsServiceClient(channel).watch(WatchRequest(), options).makeAsyncIterator()
                _ = try await watched.next()

                try await Self.drains(gateway)
                let error = await #expect(throws: RPCError.self) { while try await watched.next() != nil {} }
                #expect(error?.code == .unavailable)
                await channel.close()
                for stream in listening { try await stream.ended(within: .seconds(30)) }
                try await gateway.start()
                try await Self.drains(services["contacts"])
            }
        }
    }

    @Test(
        "API 10: what /openapi.json allows, asked of the running gateway by schemathesis: nothing fails, each answer is as told")
    func openAPIHolds() async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers + ["gateway"]) { services in
                let gateway = services["gateway"]
                let peer = try ChildProcess(
                    [
                        Self.python, Self.peers.appending(path: "openapi_fuzz.py").path,
                        "http://127.0.0.1:\(gateway.listen.http)",
                        try await platform.agentToken(role: "admin"),
                    ],
                    environment: ["PATH": "/usr/bin:/bin", "HOME": platform.directory],
                    logFile: platform.directory + "/openapi_fuzz.log")
                let status = try await peer.ended(within: .seconds(400))
                let output = try readFile(peer.logFile)
                #expect(status == 0 && output.contains("ok schemathesis"), "\(output)")
            }
        }
    }

    private static func drains(_ service: ServiceProcess) async throws {
        let start = ContinuousClock.now
        let status = try await service.stop()
        let took = ContinuousClock.now - start
        #expect(status == 0)
        // Protection against a hang: the grace is 10 s.
        #expect(took < .seconds(10), "\(service.service) took \(took) to drain")
        print("\(service.service) drained in \(took)")
    }

    // MARK: - Peers that ask for a restart

    /// Runs a peer that kills and restarts the gateway through its `--restart` command, to its end.
    private func play(_ script: String, _ options: [String] = [], says expected: String) async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services) { services in
                let gateway = services["gateway"]
                let (asked, done) = (platform.directory + "/restart-asked", platform.directory + "/restart-done")
                let peer = try ChildProcess(
                    [
                        Self.python, "-u", Self.peers.appending(path: script).path,
                        "--base", "http://127.0.0.1:\(gateway.listen.http)",
                        "--token", try await platform.agentToken(role: "agent"), "--widget-key", Platform.widgetKey,
                        "--restart", "touch '\(asked)'; while [ -e '\(asked)' ] && [ ! -e '\(done)' ]; do sleep 0.05; done",
                    ] + options,
                    environment: ["PATH": "/usr/bin:/bin", "HOME": platform.directory],
                    logFile: "\(platform.directory)/\(script).log")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while !FileManager.default.fileExists(atPath: asked) { try await Task.sleep(for: .milliseconds(20)) }
                        try await gateway.kill()
                        try await gateway.start()
                        try Data().write(to: URL(filePath: done))
                    }
                    let status = try await peer.ended(within: .seconds(300))
                    group.cancelAll()
                    let output = try readFile(peer.logFile)
                    #expect(status == 0 && output.contains(expected), "\(script) ended with \(status): \(output)")
                }
            }
        }
    }
}
