/// What an event does to a conversation, where it is allowed.
struct TransitionOutcome: Hashable, Sendable {
    /// The state after it.
    var next: ConversationState
    var assignee: AssigneeChange = .keep
    var arrival: ArrivalChange = .keep
    /// The assignee shall look, whatever the count (C19).
    var attention = false
    /// What must hold besides, checked with the change in one transaction.
    var guards: Set<TransitionGuard> = []
    /// The message opens a new conversation that continues this closed one (C17).
    var continues = false
}

enum AssigneeChange: String, Sendable, CaseIterable {
    case keep
    /// Nobody is assigned; the former assignee becomes the preferred one.
    case clear
    /// Who caused the event.
    case actor
    /// Who was assigned, or who caused the event where nobody was.
    case keepOrActor = "keep or actor"
    /// Whom the event names: the offeree, the receiver of a transfer.
    case target
}

/// C43: every return to a queue keeps the arrival, except from expired, awaiting_reply and parked.
enum ArrivalChange: String, Sendable {
    case keep
    case renew
}

enum TransitionGuard: String, Sendable {
    /// load + weight <= load_max of the assignee after it (C10, C11).
    case slot
    /// The reply window is open, where the channel has one (S5).
    case window
}

/// Why an event is refused.
enum TransitionRefusal: String, Hashable, Sendable, CaseIterable {
    /// The conversation is closed for good (C17).
    case closed
    /// The state does not know the event.
    case notAllowed = "not allowed"
    /// It must be accepted before it is answered (C5).
    case notAccepted = "not accepted"
    /// A template was sent; free text waits for the customer (S39).
    case awaitingReply = "awaiting reply"
    /// Expired: no free-form answer is possible (S6).
    case expired
    /// A colleague was first (C14).
    case alreadyTaken = "already taken"
    /// Only the offeree accepts an offered one (C14).
    case offeredToAnother = "offered to another"
    /// It is a colleague's, and the event is his to cause (C21).
    case notYours = "not yours"
    /// It lies outside the agent's departments (C22).
    case outOfScope = "out of scope"
    /// The event is never caused by such an actor.
    case notPermitted = "not permitted"
}

enum TransitionDecision: Hashable, Sendable {
    case allowed(TransitionOutcome)
    case refused(TransitionRefusal)
}
