/// One line of SPEC 10: for these states (`nil`: no conversation yet), this event and these actors, what happens.
struct TransitionLine: Sendable {
    var from: Set<ConversationState?>
    var event: TransitionEvent
    var by: Set<TransitionActor>
    /// The outcome by the state it happens in; an unchanged state is its own.
    var outcome: @Sendable (ConversationState?) -> TransitionOutcome

    init(
        _ from: [ConversationState?], _ event: TransitionEvent, by: Set<TransitionActor>, to next: ConversationState? = nil,
        assignee: AssigneeChange = .keep, arrival: ArrivalChange = .keep, attention: Bool = false,
        guards: Set<TransitionGuard> = [], continues: Bool = false
    ) {
        self.from = Set(from)
        self.event = event
        self.by = by
        self.outcome = { state in
            // A line that names neither a state nor a conversation to keep is a mistake in the table.
            guard let after = next ?? state else { preconditionFailure("line without an end: \(event)") }
            return TransitionOutcome(
                next: after, assignee: assignee, arrival: arrival, attention: attention, guards: guards, continues: continues)
        }
    }
}

extension TransitionTable {
    private static let parked: [ConversationState?] = [.pending(.parked), .pending(.disconnected)]
    private static let awaiting: ConversationState = .pending(.awaitingReply)
    private static let expired: [ConversationState?] = [.expired(.window), .expired(.noAgent)]
    private static let closed: [ConversationState?] = ClosingReason.allCases.map(ConversationState.closed)
    private static let notClosed: [ConversationState?] = ConversationState.allCases.filter { !$0.isClosed }

    static let lines: [TransitionLine] = beginnings + service + pauses + endings + transfers + closings

    /// How a conversation begins, and what a customer's message does to one that is there.
    private static let beginnings: [TransitionLine] =
        [
            .init([nil], .inbound, by: [.system], to: .queued, arrival: .renew),
            .init([nil], .inboundToBot, by: [.system], to: .automated, arrival: .renew),
            .init([nil], .startByTemplate, by: Actors.people, to: awaiting, assignee: .actor, arrival: .renew),
            .init([nil], .startFreeForm, by: Actors.people, to: .open, assignee: .actor, arrival: .renew, guards: [.slot]),
        ]
        + [.inbound, .inboundToBot].flatMap { inbound -> [TransitionLine] in
            [
                .init([.automated, .queued, .offered, .open] + parked, inbound, by: [.system]),
                .init([awaiting], inbound, by: [.system], to: .pending(.parked)),
                .init(expired, inbound, by: [.system], to: .queued, assignee: .clear, arrival: .renew),
                .init(closed, inbound, by: [.system], continues: true),
            ]
        }

    /// How a service starts, goes on and changes hands.
    private static let service: [TransitionLine] = [
        .init([.automated], .send, by: [.bot]),
        .init([.open], .send, by: [.assignee]),
        .init([.open], .sendAccepting, by: [.assignee]),
        .init([.automated], .handOff, by: [.bot, .system], to: .queued),
        .init([.automated], .botTimeout, by: [.system], to: .queued),
        .init([.automated], .intervene, by: Actors.department, to: .open, assignee: .actor, guards: [.slot]),
        .init([.automated], .close, by: [.bot], to: .closed(.bot)),
        .init([.queued], .distribute, by: [.router], to: .offered, assignee: .target, guards: [.slot]),
        .init([.queued], .assignPreferred, by: [.router], to: .open, assignee: .target, attention: true, guards: [.slot]),
        .init([.queued], .accept, by: Actors.department, to: .open, assignee: .actor, guards: [.slot]),
        .init([.queued], .sendAccepting, by: Actors.department, to: .open, assignee: .actor, guards: [.slot]),
        .init([.offered], .accept, by: [.assignee], to: .open),
        .init([.offered], .sendAccepting, by: [.assignee], to: .open),
        // The winner's repetition is OK (C14).
        .init([.open], .accept, by: [.assignee]),
        .init([.offered], .decline, by: [.assignee], to: .queued, assignee: .clear),
        .init([.offered], .offerTimeout, by: [.router], to: .queued, assignee: .clear),
        .init([.offered], .agentAway, by: [.router], to: .queued, assignee: .clear),
        .init([.offered], .agentOffline, by: [.router], to: .queued, assignee: .clear),
        .init([.offered], .agentOfflineRequeue, by: [.router], to: .queued, assignee: .clear),
        .init([.offered], .take, by: Actors.supervisors, to: .open, assignee: .actor, guards: [.slot]),
        .init([.open], .take, by: Actors.department, assignee: .actor, guards: [.slot]),
        .init([.open], .take, by: [.assignee]),
        .init(parked, .take, by: Actors.department, to: .open, assignee: .actor, guards: [.slot, .window]),
        .init([awaiting] + expired, .take, by: Actors.department, assignee: .actor),
    ]

    /// How a service pauses and goes on.
    private static let pauses: [TransitionLine] = [
        .init([.open], .setPending, by: [.assignee, .operator, .admin], to: .pending(.parked)),
        .init([.open], .agentOffline, by: [.router], to: .pending(.disconnected)),
        .init([.open], .agentOfflineRequeue, by: [.router], to: .queued, assignee: .clear),
        .init(
            parked, .resume, by: [.assignee, .operator, .admin], to: .open, assignee: .keepOrActor, guards: [.slot, .window]),
        .init(parked, .restore, by: [.router], to: .open, guards: [.slot]),
        .init(parked, .remind, by: [.router], to: .open, guards: [.slot]),
        .init(parked, .reopen, by: [.router], to: .open, guards: [.slot]),
        .init([.pending(.parked)], .rescue, by: [.router], to: .queued, assignee: .clear, arrival: .renew),
        .init([.pending(.disconnected)], .rescue, by: [.router], to: .queued, assignee: .clear),
        .init([awaiting], .resumeByTemplate, by: [.assignee, .operator, .admin]),
        .init(
            expired, .resumeByTemplate, by: Actors.department.union([.assignee]), to: awaiting, assignee: .actor),
    ]

    /// What time, absence and administration do.
    private static let endings: [TransitionLine] = [
        .init([awaiting], .autoClose, by: [.system], to: .closed(.noReply)),
        .init([awaiting], .resumeUnanswered, by: [.system], to: .expired(.window)),
        .init([awaiting], .startFailed, by: [.system], to: .closed(.startFailed)),
        .init([awaiting], .resumeFailed, by: [.system], to: .expired(.window)),
        .init([.automated, .queued, .offered, .open] + parked, .windowPasses, by: [.system], to: .expired(.window)),
        .init([.queued], .nobodyAvailable, by: [.router], to: .expired(.noAgent)),
        .init([.expired(.noAgent)], .revive, by: [.router], to: .queued, assignee: .clear, arrival: .renew),
        .init([.offered, .open], .assigneeDeactivated, by: [.system], to: .queued, assignee: .clear),
        .init([.offered, .open], .assigneeDeactivatedWaiting, by: [.system], to: .queued, assignee: .clear),
        .init([awaiting] + parked + expired, .assigneeDeactivated, by: [.system], assignee: .clear),
        .init(expired, .assigneeDeactivatedWaiting, by: [.system], assignee: .clear),
        // C43: the arrival is new on return from parked and awaiting_reply, and kept after a disconnection.
        .init(
            [awaiting, .pending(.parked)], .assigneeDeactivatedWaiting, by: [.system], to: .queued, assignee: .clear,
            arrival: .renew),
        .init([.pending(.disconnected)], .assigneeDeactivatedWaiting, by: [.system], to: .queued, assignee: .clear),
        .init(notClosed, .departmentArchived, by: [.system], attention: true),
    ]

    /// S26-S29, C20, C21.
    private static let transfers: [TransitionLine] = [
        .init(
            [.automated, .queued], .transferToDepartment, by: [.candidate, .operator, .admin], to: .queued, assignee: .clear,
            attention: true),
        .init(
            [.offered], .transferToDepartment, by: [.assignee, .operator, .admin], to: .queued, assignee: .clear,
            attention: true),
        .init(
            [.automated, .queued], .transferToAgent, by: [.candidate, .operator, .admin], to: .offered, assignee: .target,
            attention: true, guards: [.slot]),
        .init(
            [.offered], .transferToAgent, by: [.assignee, .operator, .admin], to: .offered, assignee: .target, attention: true,
            guards: [.slot]),
        .init(
            [.open], .transferToDepartment, by: [.assignee, .operator, .admin], to: .queued, assignee: .clear, attention: true),
        .init(
            [.open], .transferToAgent, by: [.assignee, .operator, .admin], assignee: .target, attention: true, guards: [.slot]),
        .init(
            [.pending(.parked)], .transferToDepartment, by: Actors.responsible, to: .queued, assignee: .clear,
            arrival: .keep, attention: true),
        .init(
            [.pending(.disconnected)], .transferToDepartment, by: Actors.responsible, to: .queued, assignee: .clear,
            attention: true),
        .init(parked, .transferToAgent, by: Actors.responsible, assignee: .target, attention: true),
        .init([awaiting] + expired, .transferToDepartment, by: Actors.responsible, assignee: .clear, attention: true),
        .init([awaiting] + expired, .transferToAgent, by: Actors.responsible, assignee: .target, attention: true),
    ]

    /// "any but closed"; expired too long can only be what is expired (C46).
    private static let closings: [TransitionLine] = [
        .init(notClosed, .close, by: Actors.responsible, to: .closed(.agent)),
        .init(notClosed, .customerEnds, by: [.customer], to: .closed(.customer)),
        .init(notClosed, .inactive, by: [.system], to: .closed(.inactive)),
        .init(expired, .expiredTooLong, by: [.system], to: .closed(.expired)),
        .init(notClosed, .block, by: Actors.responsible, to: .closed(.blocked)),
    ]
}
