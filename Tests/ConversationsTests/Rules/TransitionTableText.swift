import Foundation

@testable import Conversations

/// The whole table as text, one line per state and event: what follows, and for whom.
enum TransitionTableText {
    static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "transitions.golden")

    static func all() -> String {
        var text = ""
        for state in TransitionCell.states {
            for event in TransitionEvent.allCases {
                text += "\(state?.description ?? "-") + \(event)"
                text += grouped(state, event).map { "\n    \($0.answer): \($0.actors.joined(separator: ", "))" }.joined()
                text += "\n"
            }
        }
        return text
    }

    private static func grouped(
        _ state: ConversationState?, _ event: TransitionEvent
    ) -> [(answer: String, actors: [String])] {
        var groups: [(answer: String, actors: [String])] = []
        for actor in TransitionActor.allCases {
            let answer = long(TransitionTable.decide(state, event, by: actor))
            if let index = groups.firstIndex(where: { $0.answer == answer }) {
                groups[index].actors.append(actor.rawValue)
            } else {
                groups.append((answer, [actor.rawValue]))
            }
        }
        return groups
    }

    static func short(_ decision: TransitionDecision) -> String {
        switch decision {
        case .allowed(let outcome): outcome.next.description
        case .refused(let refusal): "refused: \(refusal.rawValue)"
        }
    }

    private static func long(_ decision: TransitionDecision) -> String {
        guard case .allowed(let outcome) = decision else { return short(decision) }
        var parts = [outcome.next.description]
        if outcome.assignee != .keep { parts.append("assignee \(outcome.assignee.rawValue)") }
        if outcome.arrival == .renew { parts.append("new arrival") }
        if outcome.attention { parts.append("attention") }
        if outcome.continues { parts.append("continues in a new one") }
        parts += outcome.guards.map { "\($0.rawValue) guard" }.sorted()
        return parts.joined(separator: "; ")
    }
}
