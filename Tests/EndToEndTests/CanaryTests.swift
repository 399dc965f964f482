import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import NIOPosix
import ServiceRuntime
import Testing

/// RELIABILITY.md 2.3, "PII in logs": personal data in every field, everything that can be refused refused, and the database
/// failing in its own words; then whatever the platform told an operator, or a caller in an error, is searched for it.
@Suite("Personal data stays where it belongs", .serialized)
struct CanaryTests {
    private static let peers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Peers")
    private static let words = [
        "name": "Zephyrine Quillfeather", "email": "zephyrine.canary@quillfeather.example", "phone": "+5511987650123",
        "card": "4111111111111111", "secret": "sk_live_Q2FuYXJ5U2VjcmV0", "text": "my cousin Ottoline was bitten by a marmot",
        "token": "eyJhbGciOiJFUzI1NiIsImtpZCI6ImNhbmFyeSJ9.eyJpc3MiOiJjYW5hcnkiLCJzdWIiOiJ4In0.Y2FuYXJ5c2lnbmF0dXJl",
    ]
    /// What gives a canary away, however it was cut or spelt.
    private static let traces = [
        "Zephyrine", "Quillfeather", "quillfeather", "zephyrine", "11987650123", "98765-0123", "4111111111111111",
        "Q2FuYXJ5U2VjcmV0", "Ottoline", "marmot", "eyJpc3MiOiJjYW5hcnki", "Y2FuYXJ5c2lnbmF0dXJl",
    ]

    @Test("no canary in logs at trace, metrics, error details and events, whatever fails", .timeLimit(.minutes(4)))
    func nothingTells() async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers + ["gateway"]) { services in
                let gateway = services["gateway"]
                for service in services.all { try await service.logs(at: "trace") }

                let honest = try await Self.play(platform, gateway, "honest")
                let channels = try await Self.receive(platform, services["conversations"])
                try await platform.postgres.breakWrites()
                let failing = try await Self.receive(platform, services["conversations"])
                let failingToo = try await platform.createContact(named: Self.words["name"]!, gateway)

                Self.search(honest, "an error of the gateway's JSON")
                Self.search(channels + failing + failingToo, "an error's details")
                #expect(failing.contains("VALUE_NOT_STORABLE") && failingToo.contains("INTERNAL"))
                var told = ""
                for service in services.all {
                    told += try readFile(try #require(service.process).logFile)
                    told += try await service.metrics()
                }
                // The net is not empty: the calls are in the log, and so is what failed.
                #expect(told.contains("/ReceiveMessage") && told.contains("22P02") && told.contains("23514"))
                Self.search(told, "a log or a metric")
                for schema in Platform.keepers {
                    let rows = try await platform.postgres.query(
                        "select attributes::text || encode(payload, 'escape') from \(identifier: schema).event")
                    #expect(rows.count > 0 || !["contacts", "conversations"].contains(schema), "\(schema)")
                    Self.search(try rows.map { try $0.decode(String.self) }.joined(separator: "\n"), "an event of \(schema)")
                }
            }
        }
    }

    private static func search(_ text: String, _ what: String) {
        for line in text.split(separator: "\n") {
            for trace in traces where line.contains(trace) { Issue.record("\(what) holds \(trace): \(line.prefix(1_500))") }
        }
    }

    /// Every JSON route with canaries in every field.
    /// - Returns: what was told of refusals.
    private static func play(_ platform: Platform, _ gateway: ServiceProcess, _ name: String) async throws -> String {
        let output = try await ChildProcess.run(
            [
                "/usr/bin/python3", peers.appending(path: "canaries.py").path, "--base",
                "http://127.0.0.1:\(gateway.listen.http)",
                "--token", try await platform.agentToken(), "--widget-key", Platform.widgetKey,
                "--canaries", String(decoding: try JSONEncoder().encode(words), as: UTF8.self),
            ], environment: ["PATH": "/usr/bin:/bin"], logFile: "\(platform.directory)/canaries-\(name).log")
        let lines = output.split(separator: "\n")
        #expect(lines.count > 100, "only \(lines.count) refusals: the routes were not tried")
        return lines.map(String.init).joined(separator: "\n")
    }

    /// A message as a provider brings it, with canaries in all it says, and one with canaries for ids.
    /// - Returns: what was told of refusals.
    private static func receive(_ platform: Platform, _ conversations: ServiceProcess) async throws -> String {
        let key = try readFile(LocalKeys(directory: platform.keys).privateKey(of: "channels"))
        let token = try await ServiceCredentials(service: "channels", key: key).token(for: "conversations")
        let options = CallOptions(
            timeout: .seconds(10),
            metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text])
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: conversations.listen.grpc)],
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let client = ConversationsServiceClient(channel)
        let (email, text, name) = (words["email"]!, words.values.joined(separator: " "), words["name"]!)
        var told = ""
        for account in [platform.channelAccountID.text, text] {
            do {
                _ = try await client.receiveMessage(
                    ReceiveMessageRequest(
                        channelAccountID: account, providerMessageID: "\(email) \(UUID())", senderAddress: email, thread: text,
                        senderName: name, kind: .text, text: text, subject: text), options)
            } catch {
                told +=
                    "\(error.reason ?? "") \(error) \(error.message) \(error.details.map { String(decoding: $0.value, as: UTF8.self) }) \(error.metadata)\n"
            }
        }
        await channel.close()
        return told
    }
}

extension PrivatePostgres {
    /// From here on every insert fails, and the database's words quote what was to be written: the value in one, the whole
    /// row in the other.
    fileprivate func breakWrites() async throws {
        try await query("alter table conversations.message add constraint canary check (text::boolean) not valid")
        try await query("alter table contacts.contact add constraint canary check (display_name is null) not valid")
    }
}

extension Platform {
    /// - Returns: the answer's body.
    fileprivate func createContact(named name: String, _ gateway: ServiceProcess) async throws -> String {
        try await gateway.http("POST", "/v1/contacts", token: try await agentToken(), body: "{\"displayName\": \"\(name)\"}").body
    }
}
