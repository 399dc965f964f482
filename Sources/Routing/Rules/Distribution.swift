import WallTime

/// Who gets a queued conversation (S22).
enum DistributionMethod: String, Sendable, Hashable, CaseIterable {
    case manual, owner
    case leastBusy = "least_busy"
    case random
}

/// What told the chosen agent from the other eligible ones.
enum TieBreak: String, Sendable, Hashable, CaseIterable {
    case lastAssignee, owner, load, lastAssigned, agentID, draw
}

/// One choice with all that led to it.
struct Choice: Sendable, Hashable {
    enum Outcome: String, Sendable, Hashable, CaseIterable {
        case offer, open, manual, waitForOwner, nobody
    }

    var outcome: Outcome
    var agent: AgentID?
    /// `nil` where there was nothing to tell apart.
    var tieBreak: TieBreak?
    /// Everybody who was looked at.
    var verdicts: [Verdict]
    /// When it is decided anew though nothing else happens; `nil`: never.
    var nextTime: Instant?
}

/// Decides about one conversation: pure, so that a dry run on the same facts is the decision itself (guarantee 5).
struct Distribution: Sendable, Hashable {
    var method: DistributionMethod
    /// C9: how long an absent owner is waited for, and what comes after.
    var ownerWait: Duration = .zero
    var ownerFallback: DistributionMethod = .leastBusy
    var eligibility: Eligibility
    /// Since when it has been in the queue: the owner is waited for from then on.
    var queuedSince: Instant
    /// Preferred when it comes back (C13, C16, C17).
    var lastAssignee: AgentID?
    /// The owner of its contact.
    var owner: AgentID?
    var seed: UInt64

    func choice(among agents: [AgentFacts]) -> Choice {
        let verdicts = agents.map(eligibility.verdict(on:))
        let eligible = verdicts.filter(\.isEligible)
        if let last = eligible.first(where: { $0.agent.id == lastAssignee }) {
            return Choice(
                outcome: .open, agent: last.agent.id, tieBreak: eligible.count > 1 ? .lastAssignee : nil, verdicts: verdicts)
        }
        return choice(by: method, verdicts, eligible)
    }

    private func choice(by method: DistributionMethod, _ verdicts: [Verdict], _ eligible: [Verdict]) -> Choice {
        switch method {
        case .manual: Choice(outcome: .manual, verdicts: verdicts)
        case .owner: ownersChoice(verdicts, eligible)
        case .leastBusy: offer(Self.leastBusy(eligible), verdicts)
        case .random: offer(Self.drawn(eligible, seed), verdicts)
        }
    }

    private func ownersChoice(_ verdicts: [Verdict], _ eligible: [Verdict]) -> Choice {
        if let owner = eligible.first(where: { $0.agent.id == owner }) {
            return offer((owner.agent.id, eligible.count > 1 ? .owner : nil), verdicts)
        }
        let end = queuedSince.advanced(by: ownerWait)
        guard owner != nil, eligibility.now < end else {
            precondition(ownerFallback != .owner, "an owner is no fallback for an owner")
            return choice(by: ownerFallback, verdicts, eligible)
        }
        let waiting = verdicts.map { verdict in
            var verdict = verdict
            if verdict.isEligible { verdict.exclusions = [.notOwner] }
            return verdict
        }
        return Choice(outcome: .waitForOwner, verdicts: waiting, nextTime: end)
    }

    private func offer(_ chosen: (AgentID, TieBreak?)?, _ verdicts: [Verdict]) -> Choice {
        guard let chosen else {
            // Only the rest after a lapsed offer ends by itself; all else is news when it changes.
            let rests = verdicts.contains { $0.exclusions == [.offeredBefore] }
            return Choice(outcome: .nobody, verdicts: verdicts, nextTime: rests ? eligibility.lapsed?.over : nil)
        }
        return Choice(outcome: .offer, agent: chosen.0, tieBreak: chosen.1, verdicts: verdicts)
    }
}

// MARK: - Methods

extension Distribution {
    /// The fewest ongoing; of equals who was assigned something longest ago, then the smallest id (C8).
    static func leastBusy(_ eligible: [Verdict]) -> (AgentID, TieBreak?)? {
        guard let least = eligible.map(\.slot.load).min() else { return nil }
        let idle = eligible.filter { $0.slot.load == least }
        func assigned(_ verdict: Verdict) -> Instant { verdict.agent.lastAssigned ?? .earliest }
        guard let longest = idle.map(assigned).min() else { return nil }
        let rested = idle.filter { assigned($0) == longest }
        guard let chosen = rested.map(\.agent.id).min() else { return nil }
        if rested.count > 1 { return (chosen, .agentID) }
        if idle.count > 1 { return (chosen, .lastAssigned) }
        return (chosen, eligible.count > 1 ? .load : nil)
    }

    /// Any of them, all alike, whatever order they stand in.
    static func drawn(_ eligible: [Verdict], _ seed: UInt64) -> (AgentID, TieBreak?)? {
        guard !eligible.isEmpty else { return nil }
        var draw = SeededDraw(seed: seed)
        let ids = eligible.map(\.agent.id).sorted()
        return (ids[draw.index(below: ids.count)], ids.count > 1 ? .draw : nil)
    }
}
