import Foundation
import Testing

@testable import Conversations

/// `./dev mutate`: changes each cell of the table in every way, one at a time, and sees some rule notice.
@Suite("Mutants of the transition table")
struct TransitionMutantTests {
    /// Each cell where `./dev mutate` asks, a sample of them otherwise.
    private static let step = ProcessInfo.processInfo.environment["SWITCHBOARD_MUTATE"] == "1" ? 1 : 97
    private static let cells = TransitionCell.all.enumerated().filter { $0.offset % step == 0 }.map(\.element)

    @Test("each cell's decision and each part of its effect, changed: none survives")
    func noSurvivor() throws {
        let golden = try TransitionGolden.saved.get()
        var (mutants, byRuleAlone) = (0, 0)
        for (number, cell) in Self.cells.enumerated() {
            for mutant in cell.decision.mutants(in: cell) {
                let noticed = TransitionRule.allCases.filter { !$0.holds(of: mutant.decision, in: cell, golden: golden) }
                mutants += 1
                if noticed.contains(where: { $0 != .golden }) { byRuleAlone += 1 }
                if noticed.isEmpty { Issue.record("survived: \(cell), \(mutant.change)") }
            }
            if (number + 1) % 756 == 0 { print("mutate: \(number + 1) of \(Self.cells.count) cells, \(mutants) mutants") }
        }
        #expect(TransitionCell.all.count == 7_560)
        print("mutate: \(mutants) mutants of \(Self.cells.count) cells; a rule beside the golden file noticed \(byRuleAlone)")
    }

    @Test("every mutant differs from the cell and from the others; a rule that is blind lets it live")
    func mutantsDiffer() throws {
        var golden = try TransitionGolden.saved.get()
        for cell in Self.cells {
            let mutants = cell.decision.mutants(in: cell).map(\.decision)
            #expect(Set(mutants).union([cell.decision]).count == mutants.count + 1, "\(cell)")
            for mutant in mutants {
                #expect(!TransitionRule.golden.holds(of: mutant, in: cell, golden: golden), "\(cell)")
                golden.answers[cell] = TransitionGolden.text(of: mutant)
                #expect(TransitionRule.golden.holds(of: mutant, in: cell, golden: golden))
                golden.answers[cell] = TransitionGolden.text(of: cell.decision)
            }
        }
    }
}

extension TransitionDecision {
    fileprivate typealias Mutant = (change: String, decision: TransitionDecision)

    /// Decisions that differ from this one in one thing.
    fileprivate func mutants(in cell: TransitionCell) -> [Mutant] {
        let refusals = TransitionRefusal.allCases.map { Mutant("refused: \($0.rawValue)", .refused($0)) }
        switch self {
        case .refused:
            let same = TransitionOutcome(next: cell.state ?? .queued)
            let other = TransitionOutcome(next: same.next == .open ? .queued : .open)
            return refusals.filter { $0.decision != self }
                + [("allowed without effect", .allowed(same)), ("allowed with an effect", .allowed(other))]
        case .allowed(let outcome):
            return refusals + outcome.mutants.map { ($0.change, .allowed($0.outcome)) }
        }
    }
}

extension TransitionOutcome {
    /// Outcomes that differ from this one in one part of the effect.
    fileprivate var mutants: [(change: String, outcome: TransitionOutcome)] {
        var mutants: [(change: String, outcome: TransitionOutcome)] = []
        func add(_ what: String, _ change: (inout TransitionOutcome) -> Void) {
            var mutant = self
            change(&mutant)
            mutants.append((what, mutant))
        }
        for state in ConversationState.allCases where state != next { add("to \(state)") { $0.next = state } }
        for other in AssigneeChange.allCases where other != assignee { add("assignee \(other)") { $0.assignee = other } }
        for one in [TransitionGuard.slot, .window] { add("\(one) guard") { $0.guards.formSymmetricDifference([one]) } }
        add("arrival") { $0.arrival = $0.arrival == .keep ? .renew : .keep }
        add("attention") { $0.attention.toggle() }
        add("continuation") { $0.continues.toggle() }
        return mutants
    }
}
