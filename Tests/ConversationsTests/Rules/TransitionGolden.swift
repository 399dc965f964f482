import Foundation

@testable import Conversations

/// The whole table as text, one paragraph per state and event: what follows, and for whom.
struct TransitionGolden: Sendable {
    static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "transitions.golden")

    /// The answer of each cell.
    var answers: [TransitionCell: String] = [:]

    /// The table as it is.
    init() {
        for cell in TransitionCell.all { answers[cell] = Self.text(of: cell.decision) }
    }

    /// What `text` wrote.
    init(text: String) throws {
        let states = Dictionary(uniqueKeysWithValues: TransitionCell.states.map { ($0?.description ?? "-", $0) })
        var heading: (state: ConversationState?, event: TransitionEvent)?
        for line in text.split(separator: "\n").map(String.init) {
            let parts = line.components(separatedBy: line.hasPrefix(" ") ? ": " : " + ")
            if line.hasPrefix(" "), let heading {
                for actor in parts.last?.components(separatedBy: ", ").compactMap(TransitionActor.init(rawValue:)) ?? [] {
                    answers[TransitionCell(state: heading.state, event: heading.event, actor: actor)] =
                        parts.dropLast().joined(separator: ": ").trimmingCharacters(in: .whitespaces)
                }
            } else if parts.count == 2, let state = states[parts[0]],
                let event = TransitionEvent.allCases.first(where: { "\($0)" == parts[1] })
            {
                heading = (state, event)
            } else {
                throw CocoaError(.fileReadCorruptFile)
            }
        }
    }

    static let saved = Result { try TransitionGolden(text: String(contentsOf: file, encoding: .utf8)) }

    var text: String {
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

    private func grouped(_ state: ConversationState?, _ event: TransitionEvent) -> [(answer: String, actors: [String])] {
        var groups: [(answer: String, actors: [String])] = []
        for actor in TransitionActor.allCases {
            let answer = answers[TransitionCell(state: state, event: event, actor: actor), default: ""]
            if let index = groups.firstIndex(where: { $0.answer == answer }) {
                groups[index].actors.append(actor.rawValue)
            } else {
                groups.append((answer, [actor.rawValue]))
            }
        }
        return groups
    }

    static func shortText(of decision: TransitionDecision) -> String {
        switch decision {
        case .allowed(let outcome): outcome.next.description
        case .refused(let refusal): "refused: \(refusal.rawValue)"
        }
    }

    static func text(of decision: TransitionDecision) -> String {
        guard case .allowed(let outcome) = decision else { return shortText(of: decision) }
        var parts = [outcome.next.description]
        if outcome.assignee != .keep { parts.append("assignee \(outcome.assignee.rawValue)") }
        if outcome.arrival == .renew { parts.append("new arrival") }
        if outcome.attention { parts.append("attention") }
        if outcome.continues { parts.append("continues in a new one") }
        parts += outcome.guards.map { "\($0.rawValue) guard" }.sorted()
        return parts.joined(separator: "; ")
    }
}
