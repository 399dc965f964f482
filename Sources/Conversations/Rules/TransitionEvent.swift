/// What can happen to a conversation (SPEC 10, second column). Events that end differently are different events: which of two
/// it is (a bot is set, the mode is on_reply, the customer is waiting) is a fact its caller looks up.
enum TransitionEvent: String, CaseIterable, Sendable {
    // What customers do.
    case inbound
    /// A first message on an account whose bot answers first; elsewhere the same as `inbound`.
    case inboundToBot
    case customerEnds

    // What agents do.
    case startByTemplate
    case startFreeForm
    case send
    /// A send that accepts too: `accept = true`, or any send in a department whose mode is on_reply (C5).
    case sendAccepting
    case accept
    case decline
    case take
    case intervene
    case setPending
    case resume
    case resumeByTemplate
    case transferToAgent
    case transferToDepartment
    case close
    case block

    // What bots do, and what is done about silent ones.
    case handOff
    case botTimeout

    // What the router decides.
    case distribute
    case assignPreferred
    case offerTimeout
    case agentAway
    case agentOffline
    /// The same where the department's rule is requeue_front (C12).
    case agentOfflineRequeue
    /// The agent is back in time (C12).
    case restore
    case remind
    /// The customer wrote and the assignee is eligible (C13).
    case reopen
    /// The customer wrote and nobody took it for `pending_rescue` (C13).
    case rescue
    case nobodyAvailable
    /// An agent is available again while the visitor is still connected (C15).
    case revive

    // What time and administration do.
    case autoClose
    case resumeUnanswered
    case startFailed
    case resumeFailed
    case windowPasses
    case inactive
    case expiredTooLong
    case assigneeDeactivated
    /// The same while the customer waits for an agent (C41).
    case assigneeDeactivatedWaiting
    case departmentArchived
}

/// Who causes an event, as seen from the conversation (SPEC 10, last column; C21, C22).
enum TransitionActor: String, CaseIterable, Sendable {
    /// The agent, operator or admin it is assigned or offered to.
    case assignee
    /// An agent of its department while nobody is assigned.
    case candidate
    /// An agent of its department while somebody else is assigned.
    case colleague
    /// An agent who may not read it.
    case stranger
    case `operator`
    case admin
    case bot
    case customer
    case system
    case router
}
