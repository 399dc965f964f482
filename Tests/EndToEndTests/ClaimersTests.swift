import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import NIOPosix
import ServiceRuntime
import Testing

@Suite("Claimers", .serialized)
struct ClaimersTests {
    @Test("2: 200 claimers against 50 slots, over two processes: one winner each, and no agent above his limit")
    func G2_oneWinnerEach() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"], replicas: 2) { services in
                let claims = try await Claims(platform, services.replicas(of: "conversations"))
                try await claims.race()
                await claims.close()
            }
        }
    }
}

/// A hundred queued conversations, each wanted by two agents through two processes.
private struct Claims: Sendable {
    static let conversationCount = 100

    let platform: Platform
    let channels: [Channel]
    let tokens: [String]

    init(_ platform: Platform, _ processes: [ServiceProcess]) async throws {
        self.platform = platform
        channels = processes.map { process in
            Channel(
                addresses: [ServerAddress(host: "127.0.0.1", port: process.listen.grpc)], configuration: ChannelConfiguration(),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        }
        var tokens: [String] = []
        for agent in platform.agentIDs {
            tokens.append(
                try await LocalKeys(directory: platform.keys).agentToken(
                    tenantID: platform.tenantID, agentID: agent, name: "Ana", roles: ["agent"], lifetime: .seconds(600)))
        }
        self.tokens = tokens
    }

    func close() async {
        for channel in channels { await channel.close() }
    }

    func race() async throws {
        let ids = try await queued()
        let winners = try await withThrowingTaskGroup(of: (conversation: Int, agent: Int)?.self) { group in
            for claimer in 0..<2 * Self.conversationCount {
                group.addTask {
                    let (round, conversation) = claimer.quotientAndRemainder(dividingBy: Self.conversationCount)
                    let agent = (conversation + round) % platform.agentIDs.count
                    return try await accept(ids[conversation], as: agent, over: channels[round]) ? (conversation, agent) : nil
                }
            }
            return try await group.reduce(into: [(conversation: Int, agent: Int)]()) { winners, winner in
                if let winner { winners.append(winner) }
            }
        }
        #expect(winners.count == 50)
        #expect(Set(winners.map(\.conversation)).count == 50)
        let served = Dictionary(grouping: winners, by: \.agent).mapValues(\.count)
        #expect(served == Dictionary(uniqueKeysWithValues: platform.agentIDs.indices.map { ($0, 5) }))
        let slots = try await platform.postgres.query("select max(load), sum(load) from conversations.agent_slot")
        let (highest, sum) = try slots[0].decode((Int32, Int64).self)
        #expect(highest == 5 && sum == 50)
    }

    /// - Returns: whether the claim won; a loser is told why.
    private func accept(_ id: String, as agent: Int, over channel: Channel) async throws -> Bool {
        let options = CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(tokens[agent])"])
        do {
            let request = AcceptRequest(conversationID: id, requestID: UUID().text)
            _ = try await ConversationsServiceClient(channel).accept(request, options)
            return true
        } catch {
            let reasons: Set<String> = ["ALREADY_TAKEN", "AGENT_AT_CAPACITY", "TRANSITION_NOT_ALLOWED"]
            guard reasons.contains(error.reason ?? "") else { throw error }
            return false
        }
    }

    private func queued() async throws -> [String] {
        let key = try readFile(LocalKeys(directory: platform.keys).privateKey(of: "channels"))
        let token = try await ServiceCredentials(service: "channels", key: key).token(for: "conversations")
        let metadata: Metadata = [
            "authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text,
        ]
        let client = ConversationsServiceClient(channels[0])
        var ids: [String] = []
        for number in 0..<Self.conversationCount {
            let request = ReceiveMessageRequest(
                channelAccountID: platform.channelAccountID.text, providerMessageID: "m\(number)",
                senderAddress: "visitor-\(number)", kind: .text, text: "hello")
            let response = try await client.receiveMessage(request, CallOptions(timeout: .seconds(10), metadata: metadata))
            ids.append(try #require(response.conversation?.conversationID))
        }
        return ids
    }
}
