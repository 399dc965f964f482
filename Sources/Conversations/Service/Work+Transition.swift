import FoundationEssentials
import ServiceRuntime

/// Something that shall happen to a conversation.
struct Step: Sendable {
    var event: TransitionEvent
    var news: News.Kind
    /// The agent it names.
    var target: UUID?
    /// The department it goes to; `nil`: it stays.
    var department: UUID?
    /// Transfer reason, outcome: for the history.
    var note = ""
    /// Operators and admins may pass the limit (C11).
    var force = false
    /// C24: its ticket is not resolved by this end.
    var keepsTicket = false
    /// Its customer is told nothing.
    var isSilent = false
    /// What the caller thinks the row is at.
    var expectedVersion: Int64?

    init(
        _ event: TransitionEvent, _ news: News.Kind, target: UUID? = nil, department: UUID? = nil, note: String = "",
        force: Bool = false, keepsTicket: Bool = false, expectedVersion: Int64? = nil
    ) {
        self.event = event
        self.news = news
        self.target = target
        self.department = department
        self.note = note
        self.force = force
        self.keepsTicket = keepsTicket
        self.expectedVersion = expectedVersion
    }
}

extension Work {
    /// Lets an agent, or a bot, take a step: the table decides, the slot follows, and the history and the log say so.
    /// - Returns: whether anything changed; a winner's repetition changes nothing.
    @discardableResult
    func agent(takes step: Step, on conversation: inout Conversation, over account: ChannelAccount) async throws -> Bool {
        if caller.isBot, !step.force {
            return try await carryOut(step, by: .bot, agent: nil, as: caller.actor, on: &conversation, over: account)
        }
        let viewer = try caller.viewer
        if step.force, !viewer.isSupervisor { throw ConversationsError.supervisorOnly }
        let actor = viewer.actor(department: conversation.departmentID, assignee: conversation.assigneeID)
        return try await carryOut(step, by: actor, agent: viewer.agentID, as: caller.actor, on: &conversation, over: account)
    }

    /// Lets the system or the router take a step.
    func system(_ actor: TransitionActor, takes step: Step, on conversation: inout Conversation, over account: ChannelAccount)
        async throws
    {
        try await carryOut(step, by: actor, agent: nil, as: .system, on: &conversation, over: account)
    }

    @discardableResult
    func carryOut(
        _ step: Step, by actor: TransitionActor, agent: UUID?, as author: Author, on conversation: inout Conversation,
        over account: ChannelAccount
    ) async throws -> Bool {
        let before = conversation
        let outcome: TransitionOutcome
        switch TransitionTable.decide(before.state, step.event, by: actor) {
        case .allowed(let allowed): outcome = allowed
        case .refused(let refusal):
            throw ConversationsError(
                refusal, step.event, on: before, assigneeName: agentName(before.assigneeID), rules: account.rules)
        }
        if outcome.next == before.state, outcome.assignee == .keep, !outcome.attention, step.department == nil { return false }
        try checkVersion(step, of: before, by: agent)
        try checkReceiver(of: step, before, over: account)
        if outcome.guards.contains(.window), !before.window.isOpen(at: now, length: account.rules.window(bot: false)) {
            throw ConversationsError.replyWindowClosed(before.window.expireTime(length: account.rules.window(bot: false)))
        }
        if case .closed(let reason) = outcome.next, !before.state.isClosed, !step.isSilent {
            try await askForJudgement(at: reason, in: &conversation, over: account)
        }
        var after = conversation
        after.apply(outcome, actorID: agent, target: step.target, at: now)
        if let department = step.department { after.departmentID = department }
        // What a bot directed held for where it sent it (C6).
        if step.event == .transferToDepartment { after.routeMethod = nil }
        // A paused one whose agent is gone has nobody to go back to (C41).
        if after.state.takesSlot, after.assigneeID == nil {
            throw ConversationsError.transitionNotAllowed(before.state, step.event)
        }
        try await moveSlot(from: before, to: &after, account, force: step.force)
        try await recountUnread(since: before, &after)
        try await tell(
            step.news, before: before, &after, by: author, note: step.note, forced: step.force,
            keepsTicket: step.keepsTicket)
        try await notify(of: step, before: before, after, by: agent)
        if step.force { audit(before.id.text) }
        // Only now: a step that was refused half-way leaves the conversation as it was.
        conversation = after
        return true
    }

    /// Who acted on a row that has changed since learns who was first (C14), or that he must look again.
    private func checkVersion(_ step: Step, of before: Conversation, by agent: UUID?) throws {
        guard let expected = step.expectedVersion, expected != before.version else { return }
        let takes: Set<TransitionEvent> = [.accept, .take, .intervene, .sendAccepting]
        if takes.contains(step.event), let winner = before.assigneeID, winner != agent {
            throw ConversationsError.alreadyTaken(.init(id: winner, name: agentName(winner)))
        }
        throw Failure.etagMismatch
    }

    /// C20: who may receive a transfer, by what routing last published; his limit is judged when his slot is taken.
    private func checkReceiver(of step: Step, _ before: Conversation, over account: ChannelAccount) throws {
        let handover = DirectoryHandover(directory, from: before.departmentID, isWebchat: account.kind == .webchat, now: now)
        let refusal: ConversationsError? =
            switch step.event {
            case .transferToAgent: handover.refusal(ofAgent: step.target, force: step.force)
            case .transferToDepartment: handover.refusal(ofDepartment: step.department, force: step.force)
            default: nil
            }
        if let refusal { throw refusal }
    }

    /// The slot changes in the same transaction as the state (guarantee 2). Two agents' slots are locked in the order of
    /// their ids, so that two transfers across each other do not wait for each other.
    private func moveSlot(
        from before: Conversation, to after: inout Conversation, _ account: ChannelAccount, force: Bool
    ) async throws {
        let pool = SlotPool(account.kind)
        let former = before.state.takesSlot ? before.assigneeID : nil
        let next = after.state.takesSlot ? after.assigneeID : nil
        guard former != next else { return }
        let weight = pool.weight(account.rules)
        after.slotWeight = next == nil ? 0 : weight
        if let former, next.map({ former.text < $0.text }) ?? true {
            try await store.release(former, pool, weight: before.slotWeight)
        }
        if let next, try await !store.take(next, pool, weight: weight, force: force) {
            guard let slot = try await store.slot(next, pool) else { throw ConversationsError.agentNotFound }
            throw ConversationsError.agentAtCapacity(next, load: slot.load, loadMax: slot.loadMax)
        }
        if let former, let next, former.text >= next.text {
            try await store.release(former, pool, weight: before.slotWeight)
        }
    }

    /// Another assignee counts from another mark (C19).
    private func recountUnread(since before: Conversation, _ conversation: inout Conversation) async throws {
        guard conversation.assigneeID != before.assigneeID, !conversation.state.isClosed else { return }
        var mark: Int32?
        if let assignee = conversation.assigneeID { mark = try await store.mark(conversation.id, of: assignee) }
        let floor = Unread.floor(assigneeMark: mark, lastHumanSeq: conversation.lastHumanSeq)
        guard floor != conversation.readSeq else { return }
        conversation.readSeq = floor
        conversation.unread = try await store.unread(in: conversation.id, after: floor)
    }
}
