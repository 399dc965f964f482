import EventLog
import FoundationEssentials
import Postgres
import ServiceRuntime

/// Gives what was an agent's, a department's or a bot's to whom it belongs from now on, a few at a time (C41).
struct LeavingWorker: Sendable {
    /// Conversations of one transaction.
    static let batchMax = 50
    /// A call that was under way when the news came may have gone by the older directory, and commits later than the first
    /// look; after this long it is over, and a second look finds what it left.
    static let secondLook: Duration = .seconds(60)

    let surroundings: Surroundings

    var worker: JobWorker {
        JobWorker(
            kinds: Leaving.kinds, schema: Surroundings.schema, pool: surroundings.pool, concurrency: 1,
            logger: surroundings.logger, perform: perform)
    }

    private func perform(_ job: Job) async throws -> JobOutcome {
        guard let leaving = Leaving(job) else { return .failed(reason: "not a work of this release") }
        try await surroundings.clear(leaving, of: job.tenantID)
        return job.attempt == 1 ? .retry(after: Self.secondLook) : .done()
    }
}

/// Lets `POST /test/settle` wait until everybody's leavings have been looked at.
struct LeavingSettler: Settler {
    static let pollInterval: Duration = .milliseconds(5)

    let pool: PostgresPool

    var settlerName: String { "leavings of the directory" }

    func settle() async throws -> Bool {
        guard try await isAnyLeft() else { return false }
        repeat { try await Task.sleep(for: Self.pollInterval) } while try await isAnyLeft()
        return true
    }

    private func isAnyLeft() async throws -> Bool {
        try await pool.query(
            """
            select exists (
                select from conversations.job
                where kind = any(\(Leaving.kinds)) and failure is null
                    and (due_time <= clock_timestamp() or lease_until > clock_timestamp())
            )
            """
        ).only?.decode(Bool.self) ?? false
    }
}

extension Surroundings {
    /// Does it all. One that is begun again finds less to do.
    func clear(_ leaving: Leaving, of tenantID: UUID) async throws {
        var last: UUID?
        repeat {
            last = try await transaction(tenantID) { [last] transaction in
                try await systemWork(of: tenantID, transaction).clear(leaving, after: last)
            }
        } while last != nil
    }
}

extension Work {
    /// The next few, in the order of their ids.
    /// - Returns: the last one's id; `nil`: there are no more.
    fileprivate func clear(_ leaving: Leaving, after last: UUID?) async throws -> UUID? {
        let ids: [UUID]
        switch leaving {
        case .agent(let agent):
            guard directory.agents[agent]?.isDeactivated ?? false else { return nil }
            ids = try await store.notClosed(of: agent, after: last, limit: LeavingWorker.batchMax)
        case .department(let department):
            guard directory.departments[department]?.isArchived ?? false else { return nil }
            let heir = directory.department(continued: department, account: nil)
            try await store.moveAccounts(of: department, to: heir, at: now)
            ids = try await store.notClosed(in: department, after: last, limit: LeavingWorker.batchMax)
        case .bot(let bot):
            guard directory.isOffline(bot: bot) else { return nil }
            ids = try await store.automated(by: bot, after: last, limit: LeavingWorker.batchMax)
        }
        for id in ids {
            guard let (locked, account) = try await store.locked(id), !locked.state.isClosed else { continue }
            var conversation = locked
            switch leaving {
            case .agent(let agent): try await leave(agent, &conversation, over: account)
            case .department(let department): try await leave(department: department, &conversation, over: account)
            case .bot: try await leave(bot: &conversation, over: account)
            }
        }
        return ids.last
    }

    /// Started and offered ones go back to the queue at their arrival, and so do paused ones whose customer waits; the others
    /// keep their state without him.
    private func leave(_ agent: UUID, _ conversation: inout Conversation, over account: ChannelAccount) async throws {
        guard conversation.assigneeID == agent else { return }
        let event: TransitionEvent = conversation.waitingOn == .agent ? .assigneeDeactivatedWaiting : .assigneeDeactivated
        let isQueued = TransitionTable.decide(conversation.state, event, by: .system).next == .queued
        let step = Step(event, isQueued ? .queued : .updated)
        try await system(.system, takes: step, on: &conversation, over: account)
        try await save(&conversation, over: account)
    }

    /// People have it from now on; what the bot has handed off meanwhile is theirs already.
    private func leave(bot conversation: inout Conversation, over account: ChannelAccount) async throws {
        let before = conversation.historyCount
        try await leaveAbsentBot(&conversation, over: account)
        if conversation.historyCount != before { try await save(&conversation, over: account) }
    }

    /// The successor has it as it is, and looks.
    private func leave(
        department: UUID, _ conversation: inout Conversation, over account: ChannelAccount
    ) async throws {
        guard conversation.departmentID == department,
            let heir = directory.department(continued: department, account: nil), heir != department
        else { return }
        let step = Step(.departmentArchived, .transferred, department: heir)
        try await system(.system, takes: step, on: &conversation, over: account)
        try await save(&conversation, over: account)
    }
}

extension TransitionDecision {
    /// The state after it; `nil`: it is refused.
    fileprivate var next: ConversationState? {
        guard case .allowed(let outcome) = self else { return nil }
        return outcome.next
    }
}
