import ConversationsV1
import EventLog
import FoundationEssentials
import Logging
import Postgres
import ServiceRuntime
import WallTime

/// An offer that was not accepted in time (C14).
struct OfferTimeout: Sendable, Hashable {
    static let kind = "offer.timeout"

    var conversation: ConversationID

    func job(_ tenantID: UUID, _ now: Instant) -> NewJob {
        NewJob(
            tenantID: tenantID, kind: Self.kind, cause: "\(conversation)/\(now.microseconds)",
            payload: Array(conversation.description.utf8))
    }
}

/// Carries out in conversations what follows from agents' coming and going.
struct AgentWorker: Sendable {
    let surroundings: Surroundings
    let conversations: ConversationsClient

    func worker(pollInterval: Duration) -> JobWorker {
        JobWorker(
            kinds: AgentWork.kinds + [OfferTimeout.kind, PausedRescue.kind], schema: Surroundings.schema, pool: surroundings.pool,
            pollInterval: pollInterval, logger: surroundings.logger, perform: perform)
    }

    private func perform(_ job: Job) async throws -> JobOutcome {
        if job.kind == OfferTimeout.kind {
            guard let id = ConversationID(String(decoding: job.payload, as: UTF8.self)) else {
                return .failed(reason: "not a conversation")
            }
            return try await endOffer(of: id, job)
        }
        if job.kind == PausedRescue.kind { return try await rescue(job) }
        switch AgentWork(job) {
        case .withdraw(let agent, let cause): return try await withdraw(agent, cause, job)
        case .welcome(let agent): return try await welcome(agent, job)
        case .leave(let agent, let time): return leave(agent, at: time, job)
        case nil: return .failed(reason: "not a work of this release")
        }
    }

    // MARK: - Going

    /// What he carries goes where conversations says (S25, C12); who is only away keeps what he has started.
    private func withdraw(_ agent: AgentID, _ cause: AgentWork.Cause, _ job: Job) async throws -> JobOutcome {
        let states: [ServedConversation.State] = cause == .away ? [.offered] : [.offered, .open]
        let held = try await surroundings.transaction(job.tenantID, readOnly: true) { store in
            // Of who works here no more, conversations itself gives back what he has (C41).
            guard try await store.agent(agent)?.state == .active else { return [ServedConversation]() }
            return try await store.conversations(of: agent, in: states)
        }
        var isStale = false
        for conversation in held {
            let answer = try await conversations.returnToQueue(
                conversation, cause == .away ? .away : .offline, tenantID: job.tenantID,
                requestID: .derived(from: "\(job.jobID.text)/\(conversation.id)/\(conversation.version)"))
            if case .done(let wire) = answer {
                try await learn(wire, job.tenantID, lapsed: nil)
            } else {
                isStale = true
            }
        }
        // What has moved on is looked at again, as long as he still has it.
        return isStale && job.attempt < Self.attemptsMax ? .retry(after: .milliseconds(50)) : .done()
    }

    private func leave(_ agent: AgentID, at time: Instant, _ job: Job) -> JobOutcome {
        .done { transaction in
            let store = RoutingStore(transaction: transaction, tenantID: job.tenantID)
            // Who was away was not available before either.
            guard let agent = try await store.agent(agent), agent.state == .active, agent.status.availability == .available
            else { return }
            let departments = agent.fields.departments.map(Optional.some) + [nil]
            try await surroundings.wantDispatch(of: departments, leaving: time, store)
        }
    }

    static let attemptsMax = 20

    private func endOffer(of id: ConversationID, _ job: Job) async throws -> JobOutcome {
        let known = try await surroundings.transaction(job.tenantID, readOnly: true) { try await $0.conversation(id) }
        guard let conversation = known, conversation.state == .offered, let offeree = conversation.assignee else {
            return .done()
        }
        let answer = try await conversations.returnToQueue(
            conversation, .offerTimeout, tenantID: job.tenantID,
            requestID: .derived(from: "\(job.jobID.text)/\(conversation.version)"))
        guard case .done(let wire) = answer else {
            // The customer wrote meanwhile, or somebody was quicker: what is known of it will say which.
            return job.attempt < Self.attemptsMax ? .retry(after: .milliseconds(50)) : .done()
        }
        try await learn(wire, job.tenantID, lapsed: offeree)
        let now = surroundings.clock.now
        return .done { transaction in
            let store = RoutingStore(transaction: transaction, tenantID: job.tenantID)
            try await surroundings.countMissedOffer(of: offeree, at: now, store)
        }
    }

    func learn(_ wire: ConversationsV1.Conversation, _ tenantID: UUID, lapsed: AgentID?) async throws {
        let now = surroundings.clock.now
        try await surroundings.transaction(tenantID) { store in
            let projection = Projection(store: store, surroundings: surroundings)
            // Before its queue is looked at, so that he is not the first to be offered it again.
            try await projection.learn(wire, at: now)
            guard let lapsed, let id = ConversationID(wire.conversationID), var row = try await store.lockedConversation(id),
                row.state == .queued
            else { return }
            row.lapsed = LapsedOffer(agent: lapsed, ended: now)
            try await store.save(row)
        }
    }

    // MARK: - Coming

    /// What was paused by his disconnection comes back to him, the oldest unanswered first, before any new offer (C12), and so
    /// does what he had paused himself and whose customer has written since (C13).
    private func welcome(_ agent: AgentID, _ job: Job) async throws -> JobOutcome {
        let now = surroundings.clock.now
        let paused = try await surroundings.transaction(job.tenantID) { store in
            try await surroundings.endAbsence(of: agent, at: now, store)
            guard let facts = try await store.agent(agent), facts.presence == .online else { return [ServedConversation]() }
            return try await store.conversations(of: agent, in: [.pending]).asyncFilter { conversation in
                let rules = try await store.rules(of: conversation.department)
                if conversation.isPausedAndWaiting, facts.isEligible(in: conversation.department, rules, at: now) { return true }
                return conversation.isRestorable(within: rules, at: now)
            }
        }
        for conversation in paused {
            let answer = try await conversations.restore(
                conversation, conversation.reason == "disconnected" ? .back : .eligible, tenantID: job.tenantID,
                requestID: .derived(from: "\(job.jobID.text)/\(conversation.id)/\(conversation.version)"))
            if case .done(let wire) = answer { try await learn(wire, job.tenantID, lapsed: nil) }
        }
        return .done { transaction in
            let store = RoutingStore(transaction: transaction, tenantID: job.tenantID)
            let departments = try await store.agent(agent)?.fields.departments ?? []
            try await surroundings.wantDispatch(of: departments.map(Optional.some) + [nil], store)
        }
    }
}

extension Surroundings {
    /// The third in a row sets him away (C14).
    func countMissedOffer(of id: AgentID, at now: Instant, _ store: RoutingStore) async throws {
        guard let agent = try await store.lockedAgent(id) else { return }
        let missed = OfferEnd.timedOut.missed(after: agent.missedOffers)
        try await store.setMissedOffers(missed, of: id)
        guard let away = agent.status.missing(missed, at: now) else { return }
        let work = RoutingWork(store: store, surroundings: self, now: now, actor: "system", action: "MissedOffers")
        try await work.set(away, of: agent)
    }
}

extension RoutingStore {
    func rules(of department: DepartmentID?) async throws -> DepartmentRules {
        guard let department, let found = try await self.department(department) else { return DepartmentRules() }
        return found.fields.rules
    }
}

extension Array {
    fileprivate func asyncFilter(_ isIncluded: (Element) async throws -> Bool) async rethrows -> [Element] {
        var kept: [Element] = []
        for element in self where try await isIncluded(element) { kept.append(element) }
        return kept
    }
}
