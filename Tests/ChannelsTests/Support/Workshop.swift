import ChannelsV1
import ConversationsV1
import EndToEndSupport
import EventLog
import Foundation
import GRPC
import GoogleProtobuf
import GoogleRPC
import Postgres
import PostgresTesting
import ServiceDatabase
import ServiceRuntime
import Synchronization
import TenantDirectory
import Testing
import Trials
import WallTime

@testable import Channels

/// Channels on a database of its own, with a clock that tests move, a provider that answers over HTTP, and conversations that
/// are made up.
struct Workshop: Sendable {
    var surroundings: Surroundings
    let database: TestDatabase
    let tenantID = UUID.v7(at: .now)
    let accountID = UUID.v7(at: .now)
    let emulator: ProviderEmulator
    let conversations: FakeConversations
    let script = Script()

    var outbound: OutboundService { OutboundService(surroundings: surroundings) }
    var webhooks: WebhooksService { WebhooksService(surroundings: surroundings) }
    var now: Instant { surroundings.clock.now }

    func advance(_ duration: Swift.Duration) throws { try surroundings.clock.set(now.advanced(by: duration)) }

    func caller(_ method: MethodDescriptor = OutboundServiceDescriptor.getOutboundDelivery, tenant: UUID? = nil)
        -> ServerContext
    {
        let context = ServerContext(method: method)
        context.authenticate(
            as: Principal(tenantID: tenant ?? tenantID, subject: "ana", kind: .agent, roles: ["admin"]))
        return context
    }
}

/// Retries without pauses that a test would feel.
extension RetryPlan {
    static let quick = RetryPlan(attemptsMax: 4, first: .milliseconds(1), factor: 1, longest: .milliseconds(1))
}

func withWorkshop(
    kind: ProviderEmulator.Kind = .whatsapp, plan: RetryPlan = .quick, timeout: Swift.Duration = .seconds(10),
    _ body: @escaping @Sendable (Workshop) async throws -> Void
) async throws {
    try await withTestDatabase(migrating: ChannelsModule.migrations!) { database in
        try await database.withPool({
            $0.connectionsMax = 12
            // Many tests share the machine's cores; waiting for a connection is not what they test.
            $0.acquireTimeout = .seconds(60)
            $0.connectTimeout = .seconds(60)
        }) { pool in
            let path = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)").path()
            defer { try? FileManager.default.removeItem(atPath: path) }
            let clock = ProductClock(
                file: try TestClockFile(path: path, start: Instant(milliseconds: 1_790_416_800_000)))
            let emulator = ProviderEmulator { clock.now }
            try await withServer({ emulator.respond($0) }) { port in
                let book = FakeConversations()
                var workshop = Workshop(
                    surroundings: Surroundings(
                        tenants: KnownTenants(schema: "channels", pool: pool).database,
                        jobs: JobQueue(schema: "channels", pool: pool), clock: clock,
                        pageTokens: PageTokens(secret: [1, 2, 3]),
                        conversations: book, accounts: ProviderAccounts(),
                        adapters: [.standIn: StandInAdapter(timeout: timeout)], outboundPlan: plan,
                        webhooks: WebhookSettings(
                            secrets: WebhookSecrets(key: Array("a key that only this test has, 32 bytes".utf8)),
                            client: WebhookClient(allowsLoopback: true, resolve: { _, _ in "127.0.0.1" }, timeout: timeout),
                            plan: plan), logger: .quiet),
                    database: database, emulator: emulator, conversations: book)
                workshop.surroundings.accounts = ProviderAccounts([
                    ProviderAccount(
                        channelAccountID: workshop.accountID, adapter: .standIn, baseURL: "http://127.0.0.1:\(port)",
                        token: ProviderEmulator.token)
                ])
                emulator.add(workshop.accountID, kind)
                try await body(workshop)
            }
        }
    }
}

// MARK: - What happens

/// Conversations' events as channels hear them, in their order.
final class Script: Sendable {
    private let events = Mutex([ConversationEvent]())

    var all: [ConversationEvent] { events.withLock(\.self) }

    func add(_ event: ConversationEvent, at time: Instant, tenantID: UUID) {
        events.withLock { events in
            var event = event
            event.tenantID = tenantID.text
            event.occurTime = Timestamp(time)
            let digits = "\(events.count)"
            event.eventID = "7-" + String(repeating: "0", count: 19 - digits.count) + digits
            events.append(event)
        }
    }
}

extension Workshop {
    /// A conversation of a customer who has just written.
    func conversation(account: UUID? = nil, channel: ChannelKind = .whatsapp) -> Conversation {
        let address = "+5511\(UUID().text.prefix(8))"
        emulator.customerWrote(address, to: account ?? accountID, at: now)
        return Conversation(
            conversationID: UUID.v7(at: now).text, state: .open, channel: channel,
            channelAccountID: (account ?? accountID).text, customerAddress: address)
    }

    /// An agent writes; the message has been accepted by conversations.
    @discardableResult
    func say(
        _ text: String, in conversation: Conversation, content: MessageContent? = nil, kind: MessageKind = .text
    ) -> UUID {
        let id = UUID.v7(at: now)
        let message = Message(
            messageID: id.text, conversationID: conversation.conversationID, direction: .outbound, kind: kind, text: text,
            content: content, deliveryStatus: .accepted)
        conversations.add(message, to: conversation.customerAddress)
        happen(.messageAdded, conversation, message: message)
        return id
    }

    func happen(_ kind: ConversationEventKind, _ conversation: Conversation, message: Message? = nil) {
        script.add(
            ConversationEvent(
                kind: kind, conversationID: conversation.conversationID, stateBefore: .open, stateAfter: .open,
                conversation: conversation, message: message), at: now, tenantID: tenantID)
    }

    /// Lets the follower hear all that has happened.
    func hear(breakingAfterEach: Bool = false, fromTheStart: Bool = false) async throws {
        struct Broken: Error {}
        let events = script.all
        let tenantID = tenantID
        let isRestored = Mutex(fromTheStart)
        let (applied, done) = AsyncStream.makeStream(of: Void.self)
        let follower = ConversationFollower(surroundings: surroundings) { cursor in
            if isRestored.withLock({ restored in
                defer { restored = false }
                return restored
            }) {
                throw EventLogError.outOfRange
            }
            let next = (cursor.flatMap { Int($0) } ?? -1) + 1
            if next == events.count { done.yield() }
            return AsyncThrowingStream { stream in
                for (index, event) in events.enumerated().dropFirst(next) {
                    stream.yield(.event(event, tenantID: tenantID, cursor: "\(index)"))
                    if breakingAfterEach { return stream.finish(throwing: Broken()) }
                }
                if next < events.count { stream.finish() }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try? await follower.consumer.run() } }
            for await _ in applied { break }
            group.cancelAll()
        }
    }

    /// Runs so many processes' workers while the body runs.
    func working<Answer: Sendable>(
        processes: Int = 1, _ surroundings: Surroundings? = nil, _ body: () async throws -> Answer
    ) async throws -> Answer {
        let workers = (0..<processes).flatMap { _ in (surroundings ?? self.surroundings).jobWorkers() }
        let tasks = workers.map { worker in Task { try await worker.run() } }
        let result: Result<Answer, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        return try result.get()
    }

    var jobCount: Int {
        get async throws { try await surroundings.jobs.count(kinds: [OutboundWorker.kind, WebhookWorker.kind]) }
    }

    /// Waits until no job waits or runs.
    func settled() async throws { try await eventually { try await jobCount == 0 } }

    func delivery(_ id: UUID) async throws -> ChannelsV1.OutboundDelivery {
        try #require(
            try await outbound.getOutboundDelivery(GetOutboundDeliveryRequest(messageID: id.text), caller()).delivery)
    }

    /// What waits for a pause is due now.
    func makeDue() async throws {
        try await database.withAdministrator { _ = try await $0.query("update channels.job set due_time = clock_timestamp()") }
    }
}

/// The reason of the refusal that the body ends in; nil if it does not.
func reason(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as Failure {
        return error.reason
    } catch let error as any RPCErrorConvertible {
        return error.rpcError.reason
    } catch {
        return "\(error)"
    }
}
