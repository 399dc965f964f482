import EventLog
import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Distributes the queues. Each reason to look at a department's queue is a job; those of one department run one after the
/// other under a lease with a fencing token, so that its queue has one writer, and no transaction is held over a call.
struct Dispatcher: Sendable {
    static let kind = "dispatch"

    let surroundings: Surroundings
    let reader: SnapshotReader
    let conversations: ConversationsClient

    func worker(pollInterval: Duration) -> JobWorker {
        JobWorker(
            kinds: [Self.kind], schema: Surroundings.schema, pool: surroundings.pool, pollInterval: pollInterval,
            logger: surroundings.logger, perform: perform)
    }

    private func perform(_ job: Job) async throws -> JobOutcome {
        guard let (department, number) = Self.read(job.payload) else { return .failed(reason: "not a department") }
        let state = try await surroundings.transaction(job.tenantID, readOnly: true) { store in
            try await store.dispatchState(of: department)
        }
        // A later reason's pass has seen what this one is about.
        guard state.served < number else { return .done() }
        let snapshot = try await reader.snapshot(of: department, tenantID: job.tenantID)
        if snapshot.unattended.since == nil, !snapshot.state.isAttended, snapshot.rules.webchatRevive {
            try await revive(department, job)
        }
        guard case .ended(let nextTime) = try await distribute(snapshot.pass, job) else {
            return .retry(after: Self.changePause)
        }
        return .done { transaction in
            let store = RoutingStore(transaction: transaction, tenantID: job.tenantID)
            try await store.serveDispatch(of: department, upTo: state.wanted)
            try await store.setTimer(.dispatch, DepartmentID.orNone(department).uuid, at: nextTime)
            try await store.note(snapshot)
            surroundings.timersChanged(in: transaction)
        }
    }

    private enum PassOutcome {
        /// When the queue is to be looked at again though nothing else happens.
        case ended(next: Instant?)
        /// Of somebody in it more is known elsewhere. Nobody behind him may be given what is his: all of it is looked at again,
        /// soon.
        case overtaken
    }

    /// About as long as an event takes.
    private static let changePause: Duration = .milliseconds(20)
    /// So often a queue waits for an event, some seconds in all; of one that never comes, as after a restore, nobody else suffers.
    private static let changesMax = 100

    /// From the queue's front to its end.
    private func distribute(_ first: QueuePass, _ job: Job) async throws -> PassOutcome {
        var pass = first
        while let (conversation, choice) = pass.next() {
            guard let agent = choice.agent else {
                if pass.isOver(conversation) { try await expire(conversation, job) }
                continue
            }
            let answer = try await conversations.assign(
                conversation, to: agent, open: choice.outcome == .open, tenantID: job.tenantID,
                requestID: Self.requestID(job, conversation, agent))
            switch answer {
            case .done(let assigned):
                try await record(assigned, of: agent, job.tenantID)
                pass.assigned(conversation, to: agent)
            case .full:
                pass.full(agent, conversation.pool)
                pass.again(conversation)
            case .changed where job.attempt < Self.changesMax:
                return .overtaken
            case .changed, .stale:
                // Its own event says what it is now, and is a reason of its own.
                continue
            }
        }
        return .ended(next: pass.nextTime)
    }

    /// C15: nobody has been available for too long.
    private func expire(_ conversation: ServedConversation, _ job: Job) async throws {
        let answer = try await conversations.expireUnattended(
            conversation, tenantID: job.tenantID,
            requestID: .derived(from: "\(job.jobID.text)/\(conversation.id)/\(conversation.version)/expire"))
        if case .done(let expired) = answer { try await learn(expired, job.tenantID) }
    }

    /// C15: somebody is available again; whose visitor has gone stays expired. What comes back is a reason of its own to look.
    private func revive(_ department: DepartmentID?, _ job: Job) async throws {
        let expired = try await surroundings.transaction(job.tenantID, readOnly: true) { store in
            try await store.unattended(in: department)
        }
        for conversation in expired {
            let answer = try await conversations.returnToQueue(
                conversation, .revive, tenantID: job.tenantID,
                requestID: .derived(from: "\(job.jobID.text)/\(conversation.id)/\(conversation.version)/revive"))
            if case .done(let revived) = answer { try await learn(revived, job.tenantID) }
        }
    }

    private func learn(_ wire: ConversationsV1Conversation, _ tenantID: UUID) async throws {
        let now = surroundings.clock.now
        try await surroundings.transaction(tenantID) { store in
            try await Projection(store: store, surroundings: surroundings).learn(wire, at: now)
        }
    }

    /// Known at once, so that the next pass does not depend on when the event comes.
    private func record(_ assigned: ConversationsV1Conversation, of agent: AgentID, _ tenantID: UUID) async throws {
        let now = surroundings.clock.now
        try await surroundings.transaction(tenantID) { store in
            try await Projection(store: store, surroundings: surroundings).learn(assigned, at: now)
            try await store.noteAssignment(of: agent, at: now)
        }
    }

    /// The same for the same attempt at the same version: a repetition after a crash is the same request.
    private static func requestID(_ job: Job, _ conversation: ServedConversation, _ agent: AgentID) -> UUID {
        UUID.derived(from: "\(job.jobID.text)/\(conversation.id)/\(conversation.version)/\(agent)")
    }
}

extension RoutingStore {
    /// Whether somebody was there at the look, and since when not.
    fileprivate func note(_ snapshot: Snapshot) async throws {
        let isAttended = snapshot.unattended.since == nil
        try await noteAttendance(
            of: snapshot.department, isAttended, left: isAttended ? nil : snapshot.left, unless: snapshot.state.left)
    }
}

// MARK: - Reasons

extension Dispatcher {
    static func job(_ department: DepartmentID?, number: Int64, tenantID: UUID) -> NewJob {
        let id = DepartmentID.orNone(department)
        return NewJob(
            tenantID: tenantID, kind: kind, cause: "\(id)/\(number)", payload: Array("\(id) \(number)".utf8),
            orderingKey: id.uuid)
    }

    private static func read(_ payload: [UInt8]) -> (DepartmentID?, Int64)? {
        let words = String(decoding: payload, as: UTF8.self).split(separator: " ")
        guard words.count == 2, let id = DepartmentID(String(words[0])), let number = Int64(words[1]) else { return nil }
        return (id.orNil, number)
    }
}

extension Surroundings {
    /// Has these departments' queues looked at, once the transaction has committed.
    /// - Parameter leaving: when somebody who was available there left them.
    func wantDispatch(
        of departments: some Sequence<DepartmentID?>, leaving: Instant? = nil, _ store: RoutingStore
    ) async throws {
        // In one order, so that two changes never wait for each other crosswise.
        for department in Set(departments).sorted(by: { DepartmentID.orNone($0) < DepartmentID.orNone($1) }) {
            let number = try await store.wantDispatch(of: department)
            if let leaving { try await store.noteLeaving(department, at: leaving) }
            jobs.enqueue([Dispatcher.job(department, number: number, tenantID: store.tenantID)], in: store.transaction)
        }
    }
}
