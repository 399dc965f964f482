import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// What the router decides (C12-C15). It acts on what it last saw, and names the version of that: a row that has moved on refuses.
extension ConversationsService {
    func assign(_ request: AssignRequest, _ context: ServerContext) async throws -> AssignResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            _ = violations.id(request.conversationID, "conversation_id")
            let agent = violations.id(request.agentID, "agent_id")
            if request.open, case .person = work.caller.kind { violations.add("open", "is the router's to say") }
            try violations.check()
            return AssignResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    try await work.assign(&conversation, to: agent, opening: request.open, version, over: account)
                })
        }
    }

    func returnToQueue(_ request: ReturnToQueueRequest, _ context: ServerContext) async throws -> ReturnToQueueResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            return ReturnToQueueResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let requeues =
                        work.directory.department(conversation.departmentID)?.requeuesOnDisconnect ?? false
                    let event = try TransitionEvent(request.cause, requeues: requeues)
                    if event == .revive { try await work.requireLive(conversation.address, account) }
                    let pauses = event == .agentOffline && conversation.state == .open
                    let step = Step(event, pauses ? .pending : .queued, expectedVersion: version)
                    try await work.system(.router, takes: step, on: &conversation, over: account)
                })
        }
    }

    func restore(_ request: RestoreRequest, _ context: ServerContext) async throws -> RestoreResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            let event: TransitionEvent =
                switch request.cause {
                case .back: .restore
                case .eligible: .reopen
                case .unspecified, .unrecognized: throw Failure.invalid("cause", "is unknown")
                }
            return RestoreResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let step = Step(event, .resumed, expectedVersion: version)
                    try await work.system(.router, takes: step, on: &conversation, over: account)
                })
        }
    }

    func expireUnattended(
        _ request: ExpireUnattendedRequest, _ context: ServerContext
    ) async throws -> ExpireUnattendedResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            ExpireUnattendedResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let event = TransitionEvent.nobodyAvailable
                    // Only a channel whose row says so expires for want of an agent (S7).
                    guard account.rules.expiresWithoutAgent else {
                        throw ConversationsError.transitionNotAllowed(conversation.state, event)
                    }
                    // C15: at once, and before it, for an expired one is not written to.
                    try await work.reply(.nobodyAvailable, in: &conversation, over: account)
                    let step = Step(event, .expired, expectedVersion: version)
                    try await work.system(.router, takes: step, on: &conversation, over: account)
                })
        }
    }
}

extension Work {
    /// The router offers a queued conversation, or opens it for its last assignee; a supervisor gives away what he likes.
    func assign(
        _ conversation: inout Conversation, to agent: UUID, opening: Bool, _ version: Int64?, over account: ChannelAccount
    ) async throws {
        if case .person = caller.kind {
            let step = try handing(conversation, to: agent, expectedVersion: version)
            try await self.agent(takes: step, on: &conversation, over: account)
            return
        }
        guard directory.agent(agent) != nil else { throw ConversationsError.agentNotFound }
        // Somebody took it while the router was choosing.
        if conversation.state.takesSlot {
            throw ConversationsError.alreadyTaken(
                .init(id: conversation.assigneeID, name: agentName(conversation.assigneeID)))
        }
        let step = Step(
            opening ? .assignPreferred : .distribute, opening ? .accepted : .offered, target: agent, expectedVersion: version)
        try await system(.router, takes: step, on: &conversation, over: account)
    }

    /// The step that gives a conversation to an agent: a started service changes hands at once, another is offered (C20).
    func handing(
        _ conversation: Conversation, to agent: UUID, note: String = "", force: Bool = false, expectedVersion: Int64?
    ) throws -> Step {
        guard directory.agent(agent) != nil else { throw ConversationsError.agentNotFound }
        if agent == conversation.assigneeID { throw ConversationsError.transferToSelf }
        let isOffer = [.automated, .queued, .offered].contains(conversation.state)
        return Step(
            .transferToAgent, isOffer ? .offered : .transferred, target: agent, note: note, force: force,
            expectedVersion: expectedVersion)
    }
}

extension TransitionEvent {
    /// - Parameter requeues: the department's rule for agents who lose connection (C12).
    fileprivate init(_ cause: ReturnCause, requeues: Bool) throws {
        switch cause {
        case .offerTimeout: self = .offerTimeout
        case .offline: self = requeues ? .agentOfflineRequeue : .agentOffline
        case .away: self = .agentAway
        case .rescue: self = .rescue
        case .revive: self = .revive
        case .unspecified, .unrecognized: throw Failure.invalid("cause", "is unknown")
        }
    }
}
