import ConversationsV1
import EventLog
import GRPC
import Postgres
import ServiceDatabase
import ServiceLifecycle
import ServiceRuntime

/// What this service does by itself: it follows conversations, lets presence and timers elapse, distributes, and carries out
/// what follows from agents' coming and going.
struct DistributionLoops: Sendable {
    let surroundings: Surroundings
    let conversations: Channel
    let reader: SnapshotReader
    private let consumer: EventConsumer<ConversationEvent>
    private let pollInterval: Duration

    /// - Parameter pollInterval: how long work can lie when its hint is lost.
    init(surroundings: Surroundings, conversations: Channel, contacts: Channel, pollInterval: Duration) {
        self.surroundings = surroundings
        self.conversations = conversations
        self.pollInterval = pollInterval
        reader = SnapshotReader(
            surroundings: surroundings, conversations: ConversationsClient(conversations), contacts: ContactsClient(contacts))
        consumer = ConversationConsumer(surroundings: surroundings, conversations: conversations).consumer
    }

    var services: [any ServiceLifecycle.Service] {
        let client = ConversationsClient(conversations)
        return [
            consumer, PresenceLoop(surroundings: surroundings),
            TimerLoop(surroundings: surroundings, pollInterval: pollInterval),
            AgentWorker(surroundings: surroundings, conversations: client).worker(pollInterval: pollInterval),
            Dispatcher(surroundings: surroundings, reader: reader, conversations: client).worker(pollInterval: pollInterval),
        ]
    }

    var settlers: [any Settler] {
        [
            ConsumerSettler(consumer) { [conversations] in try await ConversationConsumer.head(of: conversations) },
            DueSettler(surroundings: surroundings), JobSettler(surroundings: surroundings),
        ]
    }
}

/// Lets `POST /test/settle` wait until nothing is due.
struct DueSettler: Settler {
    let surroundings: Surroundings

    let settlerName = "routing.due"

    func settle() async throws -> Bool {
        guard try await isDue() else { return false }
        repeat {
            _ = try await surroundings.elapsePresence()
            _ = try await surroundings.fireTimers()
        } while try await isDue()
        return true
    }

    /// A row that another one works on is due until that one has committed.
    private func isDue() async throws -> Bool {
        let now = surroundings.clock.now
        return try await surroundings.pool.query(
            """
            select exists (select from routing.presence where due_time <= \(now))
                or exists (select from routing.timer where due_time <= \(now))
            """
        )[0].decode(Bool.self)
    }
}

/// Lets `POST /test/settle` wait until every job has run.
struct JobSettler: Settler {
    private static let pollInterval: Duration = .milliseconds(5)

    let surroundings: Surroundings

    let settlerName = "routing.jobs"

    func settle() async throws -> Bool {
        let kinds = AgentWork.kinds + [OfferTimeout.kind, PausedRescue.kind, Dispatcher.kind]
        guard try await surroundings.jobs.count(kinds: kinds) > 0 else { return false }
        repeat { try await Task.sleep(for: Self.pollInterval) } while try await surroundings.jobs.count(kinds: kinds) > 0
        return true
    }
}
