import Foundation
import Testing
import WallTime

@testable import Tickets

@Suite("Which policy a ticket follows")
struct PolicyMatchTests {
    private let start = Instant(milliseconds: 1_790_416_800_000)

    private func policy(
        _ rank: Int, _ condition: PolicyCondition = PolicyCondition(), _ hours: [ClockKind: Int]
    ) -> SLAPolicy {
        SLAPolicy(
            id: UUID(), name: "p\(rank)", rank: rank, condition: condition,
            targets: hours.mapValues { SLATarget(targetMicroseconds: Int64($0) * 3_600_000_000, pauses: true) })
    }

    private func match(_ policies: [SLAPolicy], _ facts: TicketFacts, strictest: Bool = false) -> PolicyMatch {
        PolicyMatch(policies, facts, strictest: strictest) { start.advanced(by: $1.target) }
    }

    @Test("C32: the first policy that matches, in the order of ranks, gives all targets; later ones are not asked")
    func C32_orderedFirstMatch() {
        let internals = policy(1, PolicyCondition(types: ["internal"]), [.resolution: 1])
        let first = policy(2, [.resolution: 8])
        let second = policy(3, [.resolution: 4, .firstResponse: 1])
        let match = match([second, internals, first], TicketFacts(type: .public))
        #expect(match.verdicts.map(\.name) == ["p1", "p2", "p3"])
        #expect(match.verdicts.map(\.isMatched) == [false, true, true])
        #expect(match.verdicts.map(\.isConsidered) == [false, true, false])
        #expect(match.choices.mapValues(\.policy.id) == [.resolution: first.id])
        #expect(match.policyID == first.id)
    }

    @Test("C32: strictest takes each target from the matching policy that is due first; of equals the first stays")
    func C32_strictest() {
        let first = policy(1, [.resolution: 8, .firstResponse: 1])
        let second = policy(2, [.resolution: 4, .firstResponse: 1])
        let stranger = policy(3, PolicyCondition(labels: ["vip"]), [.resolution: 1])
        let match = match([first, second, stranger], TicketFacts(type: .public), strictest: true)
        #expect(match.choices.mapValues(\.policy.id) == [.resolution: second.id, .firstResponse: first.id])
        #expect(match.verdicts.map(\.isConsidered) == [true, true, false])
    }

    @Test("C32: every condition of a policy must hold, a category counts with all below it, and each verdict says the value")
    func C32_conditionsAreExplained() {
        let (parent, child, priority) = (UUID(), UUID(), UUID())
        let condition = PolicyCondition(
            types: ["public"], priorityIDs: [priority], categoryIDs: [parent], labels: ["vip", "gold"])
        var facts = TicketFacts(type: .public, priorityID: priority, categoryPath: [child, parent], labels: ["gold"])
        let asked = policy(1, condition, [.resolution: 1])
        #expect(match([asked], facts).choices.count == 1)
        facts.priorityID = nil
        let match = match([asked], facts)
        #expect(match.choices.isEmpty && match.policyID == nil)
        let verdicts = match.verdicts[0].conditions
        #expect(verdicts.map(\.field) == ["types", "priority_ids", "category_ids", "labels"])
        #expect(verdicts.map(\.holds) == [true, false, true, true])
        #expect(verdicts[2].value == child.uuidString.lowercased() && verdicts[1].value.isEmpty)
    }

    @Test("C32: an archived policy matches nothing and is not told of")
    func C32_archived() {
        var old = policy(1, [.resolution: 1])
        old.isArchived = true
        #expect(match([old], TicketFacts(type: .public)) == match([], TicketFacts(type: .public)))
    }
}

extension PolicyMatchTests {
    private func policy(_ rank: Int, _ hours: [ClockKind: Int]) -> SLAPolicy { policy(rank, PolicyCondition(), hours) }
}
