import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import HTTPTypes
import Hummingbird
import Logging
import ServiceRuntime
import Synchronization
import Testing
import Trials

/// Messages to a provider and events to a webhook, from the programs as they are deployed.
@Suite("Channels", .serialized)
struct ChannelsTests {
    enum Fault: String, CaseIterable {
        /// kill -9, and started again.
        case killed
        /// SIGSTOP until the other process has its leases, then SIGCONT.
        case stopped
    }

    @Test(
        "G12, experiments 4 and 7: channels killed or a zombie: each message at the provider once, each event at the receiver, in order",
        .timeLimit(.minutes(5)), arguments: Fault.allCases)
    func G12_faults(_ fault: Fault) async throws {
        let (provider, receiver) = (Recorder(), Recorder())
        try await provider.serving { providerPort in
            try await receiver.serving { receiverPort in
                try await Platform.with { platform in
                    try platform.providers(at: providerPort).write(
                        toFile: platform.providersFile, atomically: true, encoding: .utf8)
                    let names = ["contacts", "conversations", "channels", "gateway"]
                    try await platform.running(names, replicas: fault == .stopped ? 2 : 1) { services in
                        try await subscribe(platform, services["gateway"], receiverPort)
                        try await withChannel(to: [services["conversations"].listen.grpc]) { channel in
                            let talk = try Talk(channel, platform)
                            let conversations = try await talk.begin(4)
                            for round in 0..<3 {
                                for number in 0..<5 {
                                    for id in conversations { try await talk.say("\(5 * round + number)", in: id) }
                                }
                                if round == 2 { break }
                                try await eventually { provider.count >= 20 * round + 7 }
                                try await suffer(fault, services)
                            }
                            try await eventually { provider.distinct.count == 60 }
                            for id in conversations { try await eventually { try await talk.sent(in: id) == 15 } }
                            // Each conversation was created, one message came, fifteen went.
                            try await eventually { receiver.distinct.count == 4 * (1 + 1 + 15) }
                        }
                    }
                }
            }
        }
        for texts in provider.distinct.orders { #expect(texts == (0..<15).map(String.init)) }
        for ids in receiver.distinct.orders { #expect(ids == ids.sorted()) }
        print(
            "the provider was asked \(provider.count) times for 60 messages, the receiver \(receiver.count) times for 68 events"
        )
    }

    private func suffer(_ fault: Fault, _ services: RunningServices) async throws {
        switch fault {
        case .killed:
            try await services["channels"].kill()
            try await services["channels"].start()
        case .stopped: try await services.stopping(0, of: ["channels"])
        }
    }

    /// By JSON at the edge, as an integrator does.
    private func subscribe(_ platform: Platform, _ gateway: ServiceProcess, _ port: Int) async throws {
        let token = try await platform.agentToken()
        let body = #"""
            {"displayName": "CRM", "url": "http://127.0.0.1:\#(port)/hook",
             "eventTypes": ["conversation.created", "conversation.message_added"]}
            """#
        let created = try await gateway.http("POST", "/v1/webhooks", token: token, body: body)
        #expect(created.status == 201 && created.body.contains("whsec_"), "\(created.body)")
        let listed = try await gateway.http("GET", "/v1/webhooks", token: token)
        #expect(listed.status == 200 && listed.body.contains("CRM") && !listed.body.contains("whsec_"), "\(listed.body)")
        let agent = try await platform.agentToken(role: "agent")
        #expect(try await gateway.http("GET", "/v1/webhooks", token: agent).status == 403)
        let refused = try await gateway.http(
            "POST", "/v1/webhooks", token: token,
            body: #"{"displayName": "CRM", "url": "http://169.254.169.254/", "eventTypes": ["*"]}"#)
        #expect(refused.status == 400 && refused.body.contains("URL_NOT_ALLOWED"), "\(refused.body)")
    }
}

extension Platform {
    fileprivate func providers(at port: Int) -> String {
        #"""
        {"accounts": [{"channelAccountId": "\#(providerAccountID.text)", "adapter": "stand-in",
                       "baseUrl": "http://127.0.0.1:\#(port)", "token": "t"}]}
        """#
    }
}

/// Customers who write, and an agent who answers.
private struct Talk: Sendable {
    let client: ConversationsServiceClient
    let platform: Platform

    init(_ channel: GRPC.Channel, _ platform: Platform) throws {
        client = ConversationsServiceClient(channel)
        self.platform = platform
    }

    private func agent() async throws -> CallOptions {
        CallOptions(
            timeout: .seconds(60), metadata: ["authorization": "Bearer \(try await platform.agentToken())"], waitForReady: true)
    }

    func begin(_ count: Int) async throws -> [String] {
        let token = try await platform.credentials(of: "channels").token(for: "conversations")
        let options = CallOptions(
            timeout: .seconds(60),
            metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text],
            waitForReady: true)
        var ids: [String] = []
        for number in 0..<count {
            let request = ReceiveMessageRequest(
                channelAccountID: platform.providerAccountID.text, providerMessageID: "m\(number)",
                senderAddress: "psid-\(number)", kind: .text, text: "hello")
            ids.append(try #require(try await client.receiveMessage(request, options).conversation?.conversationID))
        }
        return ids
    }

    func say(_ text: String, in id: String) async throws {
        _ = try await client.sendMessage(
            SendMessageRequest(conversationID: id, requestID: UUID().text, text: text, accept: true), try await agent())
    }

    func sent(in id: String) async throws -> Int {
        try await client.listMessages(ListMessagesRequest(conversationID: id, pageSize: 100), try await agent())
            .messages.filter { $0.deliveryStatus == .sent }.count
    }
}

/// A server that keeps what came: once by the key it came with, in its order.
private final class Recorder: Sendable {
    struct Came: Sendable {
        var key: String
        /// Whose order it is in.
        var order: String
        var word: String
    }

    private let came = Mutex([Came]())

    var count: Int { came.withLock(\.count) }
    var distinct: [Came] {
        var keys: Set<String> = []
        return came.withLock { $0.filter { keys.insert($0.key).inserted } }
    }

    private func take(_ headers: HTTPFields, _ body: Data) -> String {
        let json = (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:]
        let key: String
        let (order, word): (String, String)
        if let event = json["id"] as? String {
            key = event
            order = (json["data"] as? [String: Any])?["conversationId"] as? String ?? ""
            word = event
        } else {
            key = HTTPField.Name("idempotency-key").flatMap { headers[$0] } ?? ""
            (order, word) = (json["to"] as? String ?? "", json["text"] as? String ?? "")
        }
        came.withLock { $0.append(Came(key: key, order: order, word: word)) }
        return #"{"id": "prov-\#(key)"}"#
    }

    func serving(_ body: @escaping @Sendable (_ port: Int) async throws -> Void) async throws {
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let router = Hummingbird.Router()
        router.post("**") { request, _ in
            let bytes = try await request.body.collect(upTo: 1 << 20)
            return self.take(request.headers, Data(bytes.readableBytesView))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in bound.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "recorder") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            do { try await body(port) } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }
}

extension [Recorder.Came] {
    /// What came, in its order, by whose order it is in.
    fileprivate var orders: [[String]] { Dictionary(grouping: self, by: \.order).values.map { $0.map(\.word) } }
}
