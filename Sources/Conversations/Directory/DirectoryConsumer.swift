import EventLog
import FoundationEssentials
import Postgres
import RoutingV1
import ServiceRuntime
import TenantDirectory
import WallTime

/// Follows routing's events and keeps what conversations judge by. Rows, limits and the place in the stream are committed
/// together; each event brings its row as it is now, so that one that comes twice, or late, changes nothing.
struct DirectoryConsumer: Sendable {
    let surroundings: Surroundings
    let news: RoutingNews

    var consumer: EventConsumer<RoutingEvent> {
        news.consumer(
            name: "routing.directory", schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger
        ) { [surroundings] event, transaction in try await surroundings.learn(event, transaction) }
    }
}

extension Surroundings {
    /// Keeps what an event says, in its tenant's transaction.
    func learn(_ event: RoutingEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID) else { return }
        let store = ConversationStore(transaction: transaction, tenantID: tenantID)
        switch event.row {
        case .tenant(let wire):
            try await store.put(Directory.Tenant(wire))
            try await store.sweepFromNowOn()
        case .department(let wire):
            guard let department = Directory.Department(wire) else { return }
            try await store.put(department, hours: wire.workingHours?.serialized())
            if department.isArchived { jobs.enqueue([Leaving.department(department.id).job(of: tenantID)], in: transaction) }
        case .agent(let wire):
            guard let agent = Directory.Agent(wire) else { return }
            try await store.put(agent)
            // What he carries stays; from now on it is measured by these (C10).
            try await store.setLimits(of: agent.id, chat: agent.loadMax, email: agent.emailLoadMax)
            if let since = wire.status?.missedOffersTime { try await tellAway(agent.id, since, store) }
            if agent.isDeactivated, event.kind == .agent {
                jobs.enqueue([Leaving.agent(agent.id).job(of: tenantID)], in: transaction)
            }
        case .role(let wire):
            try await store.putRole(wire.name, wire.permissions.compactMap(Permission.init(rawValue:)))
        case nil:
            switch event.kind {
            // Only roles are ever removed.
            case .role: try await store.putRole(event.subject, [])
            case .botPresence:
                guard let bot = UUID(id: event.subject) else { return }
                let isOffline = event.presenceAfter == .offline
                try await store.putBot(bot, isOffline: isOffline)
                if isOffline { jobs.enqueue([Leaving.bot(bot).job(of: tenantID)], in: transaction) }
            default: break
            }
        }
    }
}

extension Surroundings {
    /// C50: an agent whom missed offers set away learns it once, by the conversation that he was offered last.
    private func tellAway(_ agent: UUID, _ since: Instant, _ store: ConversationStore) async throws {
        guard try await store.takeAway(agent, since),
            let offered = try await store.lastNotification(.offered, of: agent, until: since),
            let conversation = try await store.conversation(offered.conversationID)
        else { return }
        let work = try await systemWork(of: store.tenantID, store.transaction)
        try await work.notify(.away, [agent], of: conversation)
    }
}

extension AgentStatus {
    /// Since when missed offers have kept him away (C14); `nil`: they do not.
    fileprivate var missedOffersTime: Instant? {
        availability == .away && reason == "missed_offers" ? changeTime.map { Instant($0) } : nil
    }
}
