import FoundationEssentials
import WallTime

/// Which policies a ticket matches, why, and what each of its clocks gets (C32). The decision and its explanation are one value, so
/// that what is told is what was done.
struct PolicyMatch: Sendable, Hashable {
    /// What was said of one policy.
    struct Verdict: Sendable, Hashable {
        var policyID: UUID
        var name: String
        var conditions: [PolicyCondition.Verdict]
        /// It was asked for its targets.
        var isConsidered: Bool

        var isMatched: Bool { conditions.allSatisfy(\.holds) }
    }

    /// The target of one clock, and where it comes from.
    struct Choice: Sendable, Hashable {
        var policy: SLAPolicy
        var target: SLATarget
    }

    /// Every policy, in the order in which they were tried.
    var verdicts: [Verdict] = []
    var choices: [ClockKind: Choice] = [:]

    /// - Parameters:
    ///   - policies: in any order; archived ones are left out.
    ///   - strictest: each clock takes the target that is due first among all policies that match, instead of those of the first.
    ///   - due: when a target of a policy is due, counted from one instant and without pauses.
    init(
        _ policies: [SLAPolicy], _ facts: TicketFacts, strictest: Bool, due: (SLAPolicy, SLATarget) -> Instant?
    ) {
        for policy in policies.filter({ !$0.isArchived }).sorted(by: { $0.rank < $1.rank }) {
            var verdict = Verdict(
                policyID: policy.id, name: policy.name, conditions: policy.condition.verdicts(on: facts), isConsidered: false)
            let isFirst = !verdicts.contains { $0.isConsidered }
            if verdict.isMatched, strictest || isFirst {
                verdict.isConsidered = true
                take(policy, due)
            }
            verdicts.append(verdict)
        }
    }

    /// Of two targets that are due at the same time the one tried first stays.
    private mutating func take(_ policy: SLAPolicy, _ due: (SLAPolicy, SLATarget) -> Instant?) {
        for (kind, target) in policy.targets {
            if let present = choices[kind] {
                let (old, new) = (due(present.policy, present.target) ?? .latest, due(policy, target) ?? .latest)
                if new >= old { continue }
            }
            choices[kind] = Choice(policy: policy, target: target)
        }
    }

    /// Whom the ticket is said to follow: of its resolution clock, or of the first it has.
    var policyID: UUID? {
        ([.resolution, .firstResponse, .nextResponse] as [ClockKind]).lazy.compactMap { choices[$0]?.policy.id }.first
    }
}
