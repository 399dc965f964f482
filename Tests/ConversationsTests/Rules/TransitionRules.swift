@testable import Conversations

/// What must hold of each cell's decision, as functions of the decision: the tests show them the table, and `./dev mutate`
/// every change of it.
enum TransitionRule: String, CaseIterable, Sendable {
    case golden = "the golden file has another answer"
    case specLine = "SPEC 10 has another answer"
    case closedIsTerminal = "C17: closed is terminal, and only a message continues it"
    case newLoadIsGuarded = "C10: who gets a new load has a slot for it"
    case arrivalIsKept = "C43: the arrival is new only on return from expired, awaiting_reply or parked, and for what begins"

    /// - Parameter golden: the golden file's answers.
    func holds(of decision: TransitionDecision, in cell: TransitionCell, golden: TransitionGolden) -> Bool {
        switch self {
        case .golden:
            return golden.answers[cell] == TransitionGolden.text(of: decision)
        case .specLine:
            guard let line = SpecLine.byCell[cell] else { return true }
            return TransitionGolden.shortText(of: decision) == line.expected
        case .closedIsTerminal:
            guard case .closed = cell.state, case .allowed(let outcome) = decision else { return true }
            return [.inbound, .inboundToBot].contains(cell.event) && outcome.next == cell.state && outcome.continues
        case .newLoadIsGuarded:
            guard case .allowed(let outcome) = decision, outcome.next.takesSlot else { return true }
            let keepsLoad = cell.state?.takesSlot == true && outcome.assignee == .keep
            return keepsLoad || outcome.guards.contains(.slot) || outcome.next == cell.state
        case .arrivalIsKept:
            guard case .allowed(let outcome) = decision, outcome.arrival == .renew else { return true }
            return switch cell.state {
            case nil, .expired, .pending(.awaitingReply), .pending(.parked): true
            default: false
            }
        }
    }
}
