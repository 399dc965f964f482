import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import NIOPosix
import ServiceRuntime
import Synchronization
import Testing
import WallTime

/// RELIABILITY.md 4, experiments 1, 2 and 16, on the messages of customers: two services, three processes of state.
@Suite("Conversations under faults", .serialized)
struct ConversationsCrashTests {
    @Test("17, experiment 1: kill -9 of conversations while customers write loses, doubles and disorders no message")
    func E1_conversationsIsKilled() async throws {
        try await underMessages { _, services in
            try await services["conversations"]?.kill()
            try await services["conversations"]?.start()
        }
    }

    @Test("17, experiment 1: kill -9 of contacts, which conversations calls, loses no message; conversations is not restarted")
    func E1_contactsIsKilled() async throws {
        try await underMessages { _, services in
            try await services["contacts"]?.kill()
            try await services["contacts"]?.start()
        }
    }

    @Test("17, experiment 2: kill -9 of one PostgreSQL backend while customers write; no process is restarted")
    func E2_backendIsKilled() async throws {
        try await underMessages { platform, _ in
            try await platform.postgres.killOneBackend(of: "conversations_runtime")
        }
    }

    @Test("17, experiment 2: kill -9 of the postmaster while customers write; no process is restarted")
    func E2_postmasterIsKilled() async throws {
        try await underMessages { platform, _ in
            try await platform.postgres.killPostmasterAndRestart()
        }
    }

    private func underMessages(
        _ fault: @Sendable (Platform, [String: ServiceProcess]) async throws -> Void
    ) async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"]) { services in
                let customers = try await Customers(platform, try #require(services["conversations"]))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for sender in 0..<Customers.count { group.addTask { try await customers.write(as: sender) } }
                    try await customers.reached(24)
                    try await fault(platform, services)
                    try await customers.reached(customers.journal.acknowledgedCount + 24)
                    customers.stop()
                    try await group.waitForAll()
                }
                #expect(customers.journal.audit(try await customers.stored()) == .clean)
                await customers.close()
            }
        }
    }
}

/// Customers who each write one message after the other, as channels hands them on: repeated with the provider's id until
/// they are stored.
private final class Customers: Sendable {
    static let count = 6

    let journal = WriteJournal()
    private let platform: Platform
    private let channel: Channel
    private let client: ConversationsServiceClient
    private let asChannels: Metadata
    private let asAgent: Metadata
    private let conversations = Mutex<[Int: Set<String>]>([:])
    private let stopped = Mutex(false)

    init(_ platform: Platform, _ service: ServiceProcess) async throws {
        self.platform = platform
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(50)
        configuration.backoff.max = .milliseconds(500)
        channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: service.listen.grpc)], configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        client = ConversationsServiceClient(channel)
        let key = try readFile(LocalKeys(directory: platform.keys).privateKey(of: "channels"))
        let token = try await ServiceCredentials(service: "channels", key: key).token(for: "conversations")
        asChannels = ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text]
        asAgent = ["authorization": "Bearer \(try await platform.agentToken())"]
    }

    func close() async { await channel.close() }
    func stop() { stopped.withLock { $0 = true } }

    private func options(_ metadata: Metadata) -> CallOptions {
        CallOptions(timeout: .seconds(5), metadata: metadata, waitForReady: true)
    }

    func write(as sender: Int) async throws {
        for number in 0... {
            if stopped.withLock({ $0 }) { return }
            let write = WriteJournal.Write(sender: sender, number: number)
            let request = ReceiveMessageRequest(
                channelAccountID: platform.channelAccountID.text, providerMessageID: write.label,
                senderAddress: "visitor-\(sender)", kind: .text, text: write.label)
            journal.intend(write)
            let conversationID = try await receive(request)
            conversations.withLock { _ = $0[sender, default: []].insert(conversationID) }
            journal.acknowledge(write)
        }
    }

    private func receive(_ request: ReceiveMessageRequest) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                let response = try await client.receiveMessage(request, options(asChannels))
                return response.conversation?.conversationID ?? ""
            } catch {
                guard Self.mayBeRepeated.contains(error.code), .now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static let mayBeRepeated: Set<StatusCode> = [.unavailable, .aborted, .deadlineExceeded, .resourceExhausted]

    func reached(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while journal.acknowledgedCount < count {
            guard .now < deadline else {
                throw ChildProcessError("only \(journal.acknowledgedCount) of \(count) messages went through")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Every message there is, conversation by conversation in the order of its sequence, which has no holes. Each customer
    /// has one conversation (C18).
    func stored() async throws -> [WriteJournal.Write] {
        var writes: [WriteJournal.Write] = []
        for (_, ids) in conversations.withLock({ $0 }) {
            #expect(ids.count == 1)
            for id in ids {
                var (token, last) = ("", Int32(0))
                repeat {
                    let request = ListMessagesRequest(conversationID: id, pageSize: 100, pageToken: token)
                    let page = try await client.listMessages(request, options(asAgent))
                    for message in page.messages {
                        #expect(message.seq == last + 1)
                        last = message.seq
                        if let write = WriteJournal.Write(label: message.text) { writes.append(write) }
                    }
                    token = page.nextPageToken
                } while !token.isEmpty
            }
        }
        return writes
    }
}
