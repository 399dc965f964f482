import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime

extension RoutingService {
    func getBoard(_ request: GetBoardRequest, _ context: ServerContext) async throws -> GetBoardResponse {
        var reading = RequestReading(request)
        let asked: [DepartmentID] = reading.ids(request.departmentIDs, "department_ids", max: 200)
        try reading.finish()
        let now = surroundings.clock.now
        return try await surroundings.read(context) { store in
            let all = try await store.departments(archived: false, after: nil, limit: Self.departmentsMax)
            let shown = asked.isEmpty ? all : all.filter { asked.contains($0.id) }
            if let missing = asked.first(where: { id in !shown.contains { $0.id == id } }) {
                throw RoutingError.departmentNotFound(missing)
            }
            let agents = try await store.activeAgents().filter { agent in
                asked.isEmpty || !Set(asked).isDisjoint(with: agent.fields.departments)
            }
            let counts = try await store.queueCounts(closingBefore: now.advanced(by: Self.closingSoon))
            let loads = try await store.loads()
            return GetBoardResponse(
                departments: shown.map { $0.board(counts[$0.id] ?? QueueCounts(), agents, at: now) },
                agents: agents.sorted { ($0.fields.name, $0.id) < ($1.fields.name, $1.id) }.map { $0.board(loads[$0.id] ?? [:]) },
                readTime: Timestamp(now))
        }
    }

    static let departmentsMax = 1_000
    /// C50: a window that closes within this while we are waited for is shown.
    private static let closingSoon: Swift.Duration = .seconds(7_200)

    func listTransferTargets(
        _ request: ListTransferTargetsRequest, _ context: ServerContext
    ) async throws -> ListTransferTargetsResponse {
        var reading = RequestReading(request)
        let id: ConversationID = reading.id(request.conversationID, "conversation_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let list = NameList(
            surroundings.pageTokens, ["ListTransferTargets", try context.tenantID.text, id.description])
        let place = try list.place(request.pageToken)
        let mayForce = try context.principal.has(.conversationsSupervise)
        let now = surroundings.clock.now
        let targets = try await surroundings.read(context) { store -> [(place: NamePlace, wire: RoutingV1.TransferTarget)] in
            guard let conversation = try await store.conversation(id) else { throw RoutingError.conversationNotFound(id) }
            return try await store.transferTargets(of: conversation, mayForce: mayForce, at: now)
        }
        // Names sort departments before agents: their places say so.
        let after = targets.drop { target in
            guard let place else { return false }
            return (target.place.name, target.place.id) <= (place.name, place.id)
        }
        let (page, token) = list.page(Array(after.prefix(limit + 1)), limit: limit) { $0.place }
        return ListTransferTargetsResponse(targets: page.map { $0.wire }, nextPageToken: token)
    }
}

// MARK: - The board

extension Department {
    fileprivate func board(_ counts: QueueCounts, _ agents: [Agent], at now: Instant) -> RoutingV1.BoardDepartment {
        let rules = fields.rules
        let isOpen = rules.isOpen(at: now)
        let members = agents.filter { $0.fields.departments.contains(id) }
        let online = members.filter { $0.presence == .online }
        let available = online.filter { $0.status.availability == .available }.count
        return RoutingV1.BoardDepartment(
            departmentID: id.description, displayName: fields.name, queued: counts.queued, offered: counts.offered,
            oldestArrivalTime: counts.oldestArrival.map(Timestamp.init), open: counts.open,
            pendingWaiting: counts.pendingWaiting, windowsClosing: counts.windowsClosing,
            available: isOpen ? Int32(available) : 0, away: Int32(online.count - available),
            offline: Int32(members.count - online.count), openNow: isOpen,
            nextOpenTime: rules.nextOpening(after: now).map(Timestamp.init))
    }
}

extension Agent {
    fileprivate func board(_ loads: [SlotPool: Int]) -> RoutingV1.BoardAgent {
        RoutingV1.BoardAgent(
            agentID: id.description, displayName: fields.name, presence: presence.wire, status: status.wire,
            chatLoad: Int32(loads[.chat] ?? 0), chatLoadMax: Int32(chatLimit), emailLoad: Int32(loads[.email] ?? 0),
            emailLoadMax: Int32(emailLimit), departmentIDs: fields.departments.map(\.description),
            missedOffers: Int32(missedOffers))
    }
}

// MARK: - The picker

extension RoutingStore {
    /// Departments first, then agents, by name; each with what it shows and why it cannot be chosen (C20, S27).
    fileprivate func transferTargets(
        of conversation: ServedConversation, mayForce: Bool, at now: Instant
    ) async throws -> [(place: NamePlace, wire: RoutingV1.TransferTarget)] {
        let tenant = try await tenant()
        let own = try await rules(of: conversation.department)
        let rule = TransferRule(
            assignee: conversation.assignee, department: conversation.department,
            allowedDepartments: Set(own.transferDepartments.map(DepartmentID.init)),
            allowsOfflineTransfer: tenant?.settings.allowsOfflineTransfer ?? false, isWebchat: conversation.isWebchat,
            takesSlot: conversation.takesSlot, pool: conversation.pool, weight: conversation.weight)
        let agents = try await facts(at: now)
        let departments = try await departments(archived: false, after: nil, limit: RoutingService.departmentsMax)
        let departmentTargets = departments.map { department in
            let isOpen = department.fields.rules.isOpen(at: now)
            let hasAvailable = isOpen && agents.contains { $0.departments.contains(department.id) && $0.isAvailable }
            let refusal = rule.refusal(of: department.id, hasAvailable: hasAvailable)
            return (
                place: NamePlace(name: "0\(department.fields.name.lowercased())", id: department.id.uuid),
                wire: RoutingV1.TransferTarget(
                    displayName: department.fields.name, online: hasAvailable, allowed: refusal == nil,
                    reason: refusal?.rawValue ?? "", forceable: mayForce && refusal?.isForceable ?? false,
                    target: .departmentID(department.id.description))
            )
        }
        let agentTargets = agents.map { facts in
            let refusal = rule.refusal(of: facts)
            let slot = facts.slot(conversation.pool)
            return (
                place: NamePlace(name: "1\(facts.name.lowercased())", id: facts.id.uuid),
                wire: RoutingV1.TransferTarget(
                    displayName: facts.name, online: facts.presence == .online, load: Int32(slot.load),
                    loadMax: Int32(slot.loadMax), allowed: refusal == nil, reason: refusal?.rawValue ?? "",
                    forceable: mayForce && refusal?.isForceable ?? false, target: .agentID(facts.id.description))
            )
        }
        return (departmentTargets + agentTargets).sorted { ($0.place.name, $0.place.id) < ($1.place.name, $1.place.id) }
    }
}

extension AgentFacts {
    /// C35, but for the hours of a department.
    var isAvailable: Bool { isActive && presence == .online && availability == .available }
}
