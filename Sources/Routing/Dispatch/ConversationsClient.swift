import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

/// What this service asks of conversations, in its own name.
struct ConversationsClient: Sendable {
    private let client: ConversationsServiceClient
    private let accounts: ChannelAccountsServiceClient
    /// Agents in one question, and accounts in one answer, at most.
    private static let agentsMax = 100
    /// An answer that comes later is not waited for.
    private static let slotsTimeout: Duration = .seconds(1)

    init(_ channel: Channel) {
        client = ConversationsServiceClient(channel)
        accounts = ChannelAccountsServiceClient(channel)
    }

    /// How conversations answered to a command.
    enum Answer: Sendable {
        case done(ConversationsV1.Conversation)
        /// The conversation has changed and may still wait; the event of the change is on its way.
        case changed
        /// It is not where it was believed to be, or may not be asked of: its events will tell.
        case stale
        /// The agent has no room.
        case full
    }

    /// Offers the conversation to an agent, or opens it with him.
    func assign(
        _ conversation: ServedConversation, to agent: AgentID, open: Bool, tenantID: UUID, requestID: UUID
    ) async throws -> Answer {
        try await answer(tenantID) {
            try await client.assign(
                AssignRequest(
                    conversationID: conversation.id.description, requestID: requestID.text,
                    etag: ETag(conversation.version).description, agentID: agent.description, open: open)
            ).conversation
        }
    }

    func returnToQueue(
        _ conversation: ServedConversation, _ cause: ReturnCause, tenantID: UUID, requestID: UUID
    ) async throws -> Answer {
        try await answer(tenantID) {
            try await client.returnToQueue(
                ReturnToQueueRequest(
                    conversationID: conversation.id.description, requestID: requestID.text,
                    etag: ETag(conversation.version).description, cause: cause)
            ).conversation
        }
    }

    /// Gives a paused conversation back to its agent: he was cut off and is back (C12), or its customer waits for him (C13).
    func restore(
        _ conversation: ServedConversation, _ cause: RestoreCause, tenantID: UUID, requestID: UUID
    ) async throws -> Answer {
        try await answer(tenantID) {
            try await client.restore(
                RestoreRequest(
                    conversationID: conversation.id.description, requestID: requestID.text,
                    etag: ETag(conversation.version).description, cause: cause)
            ).conversation
        }
    }

    /// Nobody has been available for a web chat for too long (C15).
    func expireUnattended(
        _ conversation: ServedConversation, tenantID: UUID, requestID: UUID
    ) async throws -> Answer {
        try await answer(tenantID) {
            try await client.expireUnattended(
                ExpireUnattendedRequest(
                    conversationID: conversation.id.description, requestID: requestID.text,
                    etag: ETag(conversation.version).description)
            ).conversation
        }
    }

    /// What these agents carry and may carry.
    func slots(of agents: [AgentID], tenantID: UUID) async throws -> [AgentID: [SlotPool: AgentFacts.Slot]] {
        var slots: [AgentID: [SlotPool: AgentFacts.Slot]] = [:]
        for start in stride(from: 0, to: agents.count, by: Self.agentsMax) {
            let asked = agents[start..<min(start + Self.agentsMax, agents.count)].map(\.description)
            var request = ListAgentSlotsRequest(agentIDs: asked, pageSize: Int32(Self.agentsMax))
            repeat {
                let page = try await OutgoingIdentity.asService(for: tenantID) {
                    try await client.listAgentSlots(request, CallOptions(timeout: Self.slotsTimeout))
                }
                for slot in page.slots {
                    guard let agent = AgentID(slot.agentID), let pool = SlotPool(rawValue: slot.pool) else { continue }
                    slots[agent, default: [:]][pool] = AgentFacts.Slot(load: Int(slot.load), loadMax: Int(slot.loadMax))
                }
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
        }
        return slots
    }

    /// A refusal says that what was believed is not so any more, or that there is no room; all else is a failure to be
    /// repeated.
    private func answer(
        _ tenantID: UUID, _ call: () async throws -> ConversationsV1.Conversation?
    ) async throws -> Answer {
        do {
            guard let conversation = try await OutgoingIdentity.asService(for: tenantID, call) else { return .stale }
            return .done(conversation)
        } catch let error as RPCError {
            switch error.code {
            case .resourceExhausted where error.reason == "AGENT_AT_CAPACITY": return .full
            case .aborted where error.reason == "ETAG_MISMATCH": return .changed
            case .failedPrecondition, .notFound, .permissionDenied, .invalidArgument: return .stale
            default: throw error
            }
        }
    }
}

/// Where customers' messages come in, as conversations has it: or a test's own.
protocol ChannelAccountBook: Sendable {
    /// How many accounts, or their bots, bring conversations into a department (C41).
    /// - Throws: DEPENDENCY_UNAVAILABLE.
    func count(leadingTo department: DepartmentID, tenantID: UUID) async throws -> Int
}

extension ConversationsClient: ChannelAccountBook {
    func count(leadingTo department: DepartmentID, tenantID: UUID) async throws -> Int {
        var request = ListChannelAccountsRequest(pageSize: Int32(Self.agentsMax))
        var count = 0
        repeat {
            let page: ListChannelAccountsResponse
            do {
                page = try await OutgoingIdentity.asService(for: tenantID) { try await accounts.listChannelAccounts(request) }
            } catch is RPCError {
                throw RoutingError.dependencyUnavailable("conversations")
            }
            count += page.channelAccounts.count {
                [$0.departmentID, $0.botDirective?.departmentID].contains(department.description)
            }
            request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        return count
    }
}
