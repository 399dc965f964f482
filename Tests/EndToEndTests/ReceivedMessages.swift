import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import ServiceRuntime

/// Messages of customers, as channels hands them on: each sender is a customer with one conversation (C18), and each message
/// says which write it is.
struct ReceivedMessages: Sendable {
    private let client: ConversationsServiceClient
    private let platform: Platform
    private let channels: ServiceCredentials

    init(_ channel: Channel, _ platform: Platform) throws {
        client = ConversationsServiceClient(channel)
        self.platform = platform
        channels = try platform.credentials(of: "channels")
    }

    private func options(timeout: Duration? = .seconds(120)) async throws -> CallOptions {
        let metadata: Metadata = [
            "authorization": "Bearer \(try await channels.token(for: "conversations"))",
            ServiceCredentials.tenantMetadata: platform.tenantID.text,
        ]
        return CallOptions(timeout: timeout, metadata: metadata, waitForReady: true)
    }

    /// The provider's id of the message takes the place of a request id.
    @Sendable func receive(_ write: Write, _: UUID) async throws {
        _ = try await deliver(write)
    }

    func deliver(_ write: Write) async throws -> ReceiveMessageResponse {
        let request = ReceiveMessageRequest(
            channelAccountID: platform.channelAccountID.text, providerMessageID: write.label,
            senderAddress: "visitor-\(write.sender)", kind: .text, text: write.label)
        return try await client.receiveMessage(request, options())
    }

    @Sendable func watch(after cursor: String, _ take: (StreamMessage) -> Bool) async throws {
        let request = WatchRequest(afterCursor: cursor, filter: .init(kinds: [.messageAdded]))
        for try await response in client.watch(request, try await options(timeout: nil)) {
            let write = response.event?.message.flatMap { Write(label: $0.text) }
            if take(StreamMessage(cursor: response.cursor, write: write, isLive: response.live)) { return }
        }
    }

    /// The tables' rows, conversation by conversation in the order of its sequence.
    func stored(_ postgres: PrivatePostgres) async throws -> Evidence {
        let rows = try await postgres.query("select text, seq from conversations.message order by conversation_id, seq")
        return evidence("messages stored", try rows.map { try $0.decode((String, Int32).self) })
    }

    /// The same by the read API.
    func listed(_ postgres: PrivatePostgres) async throws -> Evidence {
        let ids = try await postgres.query("select conversation_id from conversations.conversation")
        let asAgent = CallOptions(
            timeout: .seconds(120), metadata: ["authorization": "Bearer \(try await platform.agentToken())"])
        var messages: [(String, Int32)] = []
        for row in ids {
            let id = try row.decode(UUID.self).text
            var token = ""
            repeat {
                let request = ListMessagesRequest(conversationID: id, pageSize: 100, pageToken: token)
                let page = try await client.listMessages(request, asAgent)
                messages += page.messages.map { ($0.text, $0.seq) }
                token = page.nextPageToken
            } while !token.isEmpty
        }
        return evidence("messages listed", messages)
    }

    /// Each conversation's sequence is 1, 2, 3 ...
    private func evidence(_ source: String, _ messages: [(text: String, seq: Int32)]) -> Evidence {
        var gaps: [Int] = []
        var expected: Int32 = 1
        for (_, seq) in messages {
            if seq != expected, seq != 1 { gaps.append(Int(seq)) }
            expected = seq + 1
        }
        return Evidence(source, messages.compactMap { Write(label: $0.text) }, gaps: gaps)
    }
}
