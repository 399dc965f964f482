#if SWITCHBOARD_MUTATE
    import FoundationEssentials

    /// `./dev mutate` only: flips the one cell that SWITCHBOARD_MUTATION names by its number. An allowed cell becomes a
    /// refusal, a refused one leaves the state as it is.
    enum TransitionMutation {
        static let cell: Int? = ProcessInfo.processInfo.environment["SWITCHBOARD_MUTATION"].flatMap { Int($0) }

        static func applied(
            to decision: TransitionDecision, _ state: ConversationState?, _ event: TransitionEvent, _ actor: TransitionActor
        ) -> TransitionDecision {
            guard let cell, TransitionCell(state: state, event: event, actor: actor).number == cell else { return decision }
            return switch decision {
            case .allowed: .refused(.notAllowed)
            case .refused: .allowed(TransitionOutcome(next: state ?? .queued))
            }
        }
    }
#endif

/// One cell of the table, numbered from 0 by state, event and actor in their declared order.
struct TransitionCell: Hashable, Sendable {
    var state: ConversationState?
    var event: TransitionEvent
    var actor: TransitionActor

    static let states: [ConversationState?] = [nil] + ConversationState.allCases.map { $0 }
    static let count = states.count * TransitionEvent.allCases.count * TransitionActor.allCases.count

    static let all: [TransitionCell] = states.flatMap { state in
        TransitionEvent.allCases.flatMap { event in
            TransitionActor.allCases.map { TransitionCell(state: state, event: event, actor: $0) }
        }
    }

    private static let numbers = Dictionary(uniqueKeysWithValues: zip(all, all.indices))

    var number: Int { Self.numbers[self]! }
}
