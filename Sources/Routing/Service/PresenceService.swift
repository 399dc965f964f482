import EventLog
import FoundationEssentials
import GRPC
import Postgres
import RoutingV1
import ServiceRuntime

/// Who is there (C35).
struct PresenceService: PresenceServiceProtocol {
    /// Heartbeats in one message at most.
    static let beatsMax = 1_000

    let surroundings: Surroundings

    func heartbeat(_ requests: RequestStream<HeartbeatRequest>, _ context: ServerContext) async throws -> HeartbeatResponse {
        context.endAtDrain()
        var taken = 0
        var messages = 0
        for try await request in requests {
            messages += 1
            taken += try await surroundings.beat(Self.keys(request))
        }
        guard messages > 0 else { throw Failure.invalid("beats", "is required", reason: "REQUIRED") }
        return HeartbeatResponse(taken: Int32(clamping: taken))
    }

    func beatAsBot(_ request: BeatAsBotRequest, _ context: ServerContext) async throws -> BeatAsBotResponse {
        let principal = try context.principal
        guard principal.kind == .bot, let id = AgentID(principal.subject) else { throw RoutingError.notABot }
        let key = AgentKey(tenantID: try context.tenantID, agent: id)
        try await surroundings.changingPresence { changes in try await changes.beat(bot: key) }
        return BeatAsBotResponse()
    }

    func signOut(_ request: SignOutRequest, _ context: ServerContext) async throws -> SignOutResponse {
        try RequestReading(request).finish()
        guard let id = try context.principal.agentID.map(AgentID.init) else {
            throw RoutingError.agentNotFound(AgentID(UUID.derived(from: try context.principal.identity)))
        }
        return try await surroundings.write(request, \.requestID, context) { work in
            let agent = try await work.activeAgent(id, version: nil)
            let held = try await work.store.conversations(of: id, in: [.offered, .open])
            guard held.isEmpty || request.confirm else { throw RoutingError.openConversations(held.count) }
            try await work.set(AgentStatus(availability: .offline, changed: work.now, changedBy: id), of: agent)
            return SignOutResponse()
        }
    }

    private static func keys(_ request: HeartbeatRequest) throws -> [AgentKey] {
        var reading = RequestReading(request)
        reading.violations.require(request.beats.count <= beatsMax, "beats", "must be at most \(beatsMax)")
        let keys = request.beats.prefix(beatsMax).enumerated().map { index, beat in
            AgentKey(
                tenantID: reading.violations.id(beat.tenantID, "beats[\(index)].tenant_id"),
                agent: reading.id(beat.agentID, "beats[\(index)].agent_id"))
        }
        try reading.finish()
        return keys
    }
}

extension Surroundings {
    func beat(_ keys: [AgentKey]) async throws -> Int {
        try await changingPresence { changes in try await changes.beat(keys) }
    }

    /// A change of presence from outside, across tenants.
    func changingPresence<Answer: Sendable>(_ body: (PresenceChanges) async throws -> Answer) async throws -> Answer {
        let answer = try await changePresence(body)
        // Somebody may be due earlier than the loop thinks.
        pool.hint(PresenceLoop.channel)
        return answer
    }

    /// A change that the loop itself makes: it looks for what is due next behind it, and needs no hint.
    func changePresence<Answer: Sendable>(_ body: (PresenceChanges) async throws -> Answer) async throws -> Answer {
        let now = clock.now
        return try await pool.transaction(TransactionOptions()) { transaction in
            try await body(
                PresenceChanges(store: PresenceStore(transaction: transaction), events: events, jobs: jobs, now: now))
        }
    }
}
