@testable import Conversations

/// One cell of the table.
struct TransitionCell: Hashable, Sendable, CustomStringConvertible {
    var state: ConversationState?
    var event: TransitionEvent
    var actor: TransitionActor

    static let states: [ConversationState?] = [nil] + ConversationState.allCases.map { $0 }

    /// By state, event and actor in their declared order.
    static let all: [TransitionCell] = states.flatMap { state in
        TransitionEvent.allCases.flatMap { event in
            TransitionActor.allCases.map { TransitionCell(state: state, event: event, actor: $0) }
        }
    }

    var description: String { "\(state?.description ?? "-") + \(event) by \(actor)" }

    /// What the table says.
    var decision: TransitionDecision { TransitionTable.decide(state, event, by: actor) }
}
