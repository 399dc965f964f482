import FoundationEssentials
import ServiceRuntime
import WallTime

// Timers follow from the conversation, and are written with the change that calls for them (SPEC 10).
extension Work {
    /// Sets the timers of a conversation anew, where what decides them has changed.
    func setTimers(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        let basis = TimerBasis(conversation)
        guard basis != conversation.storedBasis else { return }
        conversation.storedBasis = basis
        let plan = try await plan(conversation, over: account)
        let due = plan.due
        store.setTimers(of: conversation.id, due)
        if let first = due.values.min() {
            transaction.afterCommit { [surroundings] in surroundings.timers.ring(for: first) }
        }
    }

    private func plan(_ conversation: Conversation, over account: ChannelAccount) async throws -> TimerPlan {
        TimerPlan(
            conversation: conversation, rules: account.rules, closing: try await closingRule(of: conversation),
            botTimeout: directory.botTimeout(in: conversation.departmentID), now: now)
    }

    /// Most conversations wait for an agent, and no rule closes those: then it is not read.
    private func closingRule(of conversation: Conversation) async throws -> ClosingRule {
        guard !conversation.state.isClosed, conversation.waitingOn == .customer || conversation.state.name == "expired" else {
            return ClosingRule()
        }
        return try await store.closingRule(department: conversation.departmentID, channel: conversation.channel).rule
    }
}

// MARK: - When one fires

extension Work {
    /// What is due happens, once: the conversation is locked, so that a customer's message has come before it or comes after;
    /// then its timers are judged anew, for what called for this one may be gone.
    func fire(_ timer: DueTimer) async throws {
        let found = try await store.locked(timer.conversationID)
        guard try await store.end(timer), let (locked, account) = found else { return }
        var conversation = locked
        let plan = try await plan(conversation, over: account)
        // The row is gone: whatever must stand is written anew.
        conversation.storedBasis = nil
        let before = (conversation.historyCount, conversation.lastSeq)
        if let due = plan.due(timer.kind), due <= now {
            try await carryOut(timer.kind, plan, &conversation, over: account)
        } else if timer.kind == .window, let warning = plan.warningTime, warning <= now {
            // The window closes soon, and nobody has answered (C50).
            try await tellResponsible(.windowClosing, of: conversation)
            try await note("window closes soon", &conversation)
        } else if timer.kind == .inactiveNotice, let notice = plan.closing.notice {
            if try await sayBeforeClosing(notice, plan, &conversation, over: account) {
                try await note("told before closing", &conversation)
            }
        }
        if (conversation.historyCount, conversation.lastSeq) != before {
            try await save(&conversation, over: account)
        } else {
            try await setTimers(&conversation, over: account)
        }
    }

    /// A timer that changes nothing is a line of the history all the same (C60).
    private func note(_ note: String, _ conversation: inout Conversation) async throws {
        let before = conversation
        conversation.updated = now
        try await tell(.updated, before: before, &conversation, by: .system, note: note)
    }

    private func carryOut(
        _ kind: TimerKind, _ plan: TimerPlan, _ conversation: inout Conversation, over account: ChannelAccount
    ) async throws {
        switch kind {
        case .window:
            try await system(.system, takes: Step(.windowPasses, .expired), on: &conversation, over: account)
        case .autoClose:
            try await system(.system, takes: Step(.autoClose, .closed), on: &conversation, over: account)
        case .resumeUnanswered:
            try await system(.system, takes: Step(.resumeUnanswered, .expired), on: &conversation, over: account)
        case .inactive:
            try await system(.system, takes: Step(.inactive, .closed), on: &conversation, over: account)
        case .expiredTooLong:
            try await system(.system, takes: Step(.expiredTooLong, .closed), on: &conversation, over: account)
        case .remind:
            try await remind(&conversation, over: account)
        case .botTimeout:
            try await leaveBot(&conversation, because: "bot_timeout", over: account)
        case .inactiveNotice: break
        }
    }

    /// C51: open again if its agent has room for it, otherwise it wants his look.
    private func remind(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        let before = conversation
        do {
            let step = Step(.remind, .resumed, note: "reminder")
            try await system(.router, takes: step, on: &conversation, over: account)
        } catch ConversationsError.agentAtCapacity, ConversationsError.transitionNotAllowed {
            conversation.remind = nil
            conversation.attention = true
            conversation.updated = now
            try await tell(.updated, before: before, &conversation, by: .system, note: "reminder")
        }
        if let assignee = conversation.assigneeID { try await notify(.reminder, [assignee], of: conversation) }
    }
}
