/// SPEC 10, line by line. What no line allows is refused.
///
/// `decide` is total: every state (and none) x event x actor has an answer. Tests hold all of them to a golden file and to rules,
/// and `./dev mutate` changes each in every way and expects them to notice.
enum TransitionTable {
    /// The answer for one state (`nil`: there is no conversation yet), event and actor.
    static func decide(_ state: ConversationState?, _ event: TransitionEvent, by actor: TransitionActor) -> TransitionDecision {
        let lines = linesByEvent[event, default: []].filter { $0.from.contains(state) }
        if let line = lines.first(where: { $0.by.contains(actor) }) {
            return .allowed(line.outcome(state))
        }
        return .refused(refusal(of: event, in: state, by: actor, known: !lines.isEmpty))
    }

    private static let linesByEvent = Dictionary(grouping: lines, by: \.event)

    /// Says why, in the words that help the caller most.
    private static func refusal(
        of event: TransitionEvent, in state: ConversationState?, by actor: TransitionActor, known: Bool
    ) -> TransitionRefusal {
        if !agentEvents.contains(event) || !Actors.people.contains(actor) { return known ? .notPermitted : .notAllowed }
        if actor == .stranger { return .outOfScope }
        switch (state, event) {
        case (.closed, _): return .closed
        case (.offered, .accept), (.offered, .sendAccepting), (.offered, .decline):
            return .offeredToAnother
        case (.offered, .take) where actor == .colleague: return .offeredToAnother
        case (.open, .accept), (.pending, .accept), (.open, .intervene), (.open, .sendAccepting):
            return actor == .assignee ? .notAllowed : .alreadyTaken
        case (.queued, .send), (.offered, .send), (.automated, .send): return .notAccepted
        case (.pending(.awaitingReply), .send), (.pending(.awaitingReply), .sendAccepting), (.pending(.awaitingReply), .resume):
            return .awaitingReply
        case (.expired, .send), (.expired, .sendAccepting), (.expired, .resume): return .expired
        default: return known ? .notYours : .notAllowed
        }
    }

    private static let agentEvents: Set<TransitionEvent> = [
        .startByTemplate, .startFreeForm, .send, .sendAccepting, .accept, .decline, .take, .intervene, .setPending, .resume,
        .resumeByTemplate, .transferToAgent, .transferToDepartment, .close, .block,
    ]
}

/// Words of the table's last column.
enum Actors {
    /// "agent of the department"; operators and admins belong to every department (C22).
    static let department: Set<TransitionActor> = [.candidate, .colleague, .operator, .admin]
    /// Whose it is or, while it is nobody's, any agent of the department (C21).
    static let responsible: Set<TransitionActor> = [.assignee, .candidate, .operator, .admin]
    static let supervisors: Set<TransitionActor> = [.operator, .admin]
    static let people: Set<TransitionActor> = [.assignee, .candidate, .colleague, .stranger, .operator, .admin]
}
