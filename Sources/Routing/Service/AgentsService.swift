import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import WallTime

/// Agents: who serves, where, and how much at once.
struct AgentsService: AgentsServiceProtocol {
    let surroundings: Surroundings

    func createAgent(_ request: CreateAgentRequest, _ context: ServerContext) async throws -> CreateAgentResponse {
        var reading = RequestReading(request)
        let (fields, _) = reading.agent(request.agent ?? .init(), isNew: true)
        let id: AgentID? = reading.optionalID(request.agentID, "agent_id")
        try reading.finish()
        return try await surroundings.write(request, \.requestID, context) { work in
            let id = id ?? AgentID(.v7(at: work.now))
            let agent = Agent(
                id: id, state: .active, fields: fields, status: .available(at: work.now, by: work.agent), presence: .offline,
                createTime: work.now, updateTime: work.now, version: 1)
            try await work.require(fields)
            guard try await work.store.insert(agent) else { throw RoutingError.agentExists(id) }
            try await work.store.set(agent.status, of: id, change: .v7(at: work.now))
            try await work.store.setDepartments(fields.departments, of: id)
            let key = AgentKey(tenantID: work.tenantID, agent: id)
            try await work.presence.store.insert(key, at: work.now)
            try await work.presence.store.begin([(key, .offline)], at: work.now)
            try await work.note(.agent(id), subject: id.description)
            return CreateAgentResponse(agent: try await work.current(id).wire)
        }
    }

    func getAgent(_ request: GetAgentRequest, _ context: ServerContext) async throws -> GetAgentResponse {
        var reading = RequestReading(request)
        let id: AgentID = reading.id(request.agentID, "agent_id")
        try reading.finish()
        let agent = try await surroundings.read(context) { store in try await store.agent(id) }
        guard let agent else { throw RoutingError.agentNotFound(id) }
        return GetAgentResponse(agent: agent.wire)
    }

    func listAgents(_ request: ListAgentsRequest, _ context: ServerContext) async throws -> ListAgentsResponse {
        var reading = RequestReading(request)
        let department: DepartmentID? = reading.optionalID(request.departmentID, "department_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let list = NameList(
            surroundings.pageTokens,
            ["ListAgents", try context.tenantID.text, request.departmentID, "\(request.showDeactivated)"])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            try await store.agents(in: department, deactivated: request.showDeactivated, after: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit) { NamePlace(name: $0.fields.name, id: $0.id.uuid) }
        return ListAgentsResponse(agents: page.map(\.wire), nextPageToken: token)
    }

    func updateAgent(_ request: UpdateAgentRequest, _ context: ServerContext) async throws -> UpdateAgentResponse {
        var reading = RequestReading(request)
        let wire = request.agent ?? .init()
        let id: AgentID = reading.id(wire.agentID, "agent.agent_id")
        let (fields, populated) = reading.agent(wire, isNew: false)
        let mask = try AgentFields.writable.mask(
            request.updateMask, populated: populated, outputOnly: AgentFields.outputOnly)
        if mask.contains("display_name") { reading.violations.text(fields.name, "agent.display_name", 1...200) }
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag.isEmpty ? wire.etag : request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            var agent = try await work.activeAgent(id, version: version)
            let before = agent.fields
            agent.fields = AgentFields.writable.applied(mask, of: fields, to: agent.fields)
            let paths = AgentFields.writable.changedPaths(from: before, to: agent.fields)
            guard !paths.isEmpty else { return UpdateAgentResponse(agent: agent.wire) }
            try await work.require(agent.fields, changed: Set(paths))
            try await work.store(&agent, paths: paths)
            try await surroundings.wantDispatch(of: agent.fields.departments.map(Optional.some) + [nil], work.store)
            let left = Set(before.departments).subtracting(agent.fields.departments)
            try await surroundings.wantDispatch(
                of: left.map(Optional.some), leaving: agent.isAvailable ? work.now : nil, work.store)
            return UpdateAgentResponse(agent: try await work.current(id).wire)
        }
    }

    func deactivateAgent(
        _ request: DeactivateAgentRequest, _ context: ServerContext
    ) async throws -> DeactivateAgentResponse {
        var reading = RequestReading(request)
        let id: AgentID = reading.id(request.agentID, "agent_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            guard var agent = try await work.store.lockedAgent(id) else { throw RoutingError.agentNotFound(id) }
            guard agent.state == .active else { return DeactivateAgentResponse(agent: agent.wire) }
            guard version == nil || version == agent.version else { throw RoutingError.etagMismatch }
            if agent.isAvailable {
                let departments = agent.fields.departments.map(Optional.some) + [nil]
                try await surroundings.wantDispatch(of: departments, leaving: work.now, work.store)
            }
            agent.state = .deactivated
            try await work.store(&agent, paths: ["state"])
            try await work.presence.setCounted(false, AgentKey(tenantID: work.tenantID, agent: id))
            return DeactivateAgentResponse(agent: try await work.current(id).wire)
        }
    }
}

// MARK: - Status (C56)

extension AgentsService {
    func setAgentStatus(_ request: SetAgentStatusRequest, _ context: ServerContext) async throws -> SetAgentStatusResponse {
        let now = surroundings.clock.now
        var reading = RequestReading(request)
        let id: AgentID = reading.id(request.agentID, "agent_id")
        let availability = reading.word(
            request.availability, "availability", unspecified: .unspecified, default: .available,
            \AgentStatus.Availability.wire)
        reading.violations.text(request.reason, "reason", 0...60)
        let until = request.untilTime.map(Instant.init)
        reading.violations.require(
            until == nil || availability == .away, "until_time", "goes with away only")
        reading.violations.require(until.map { $0 > now } ?? true, "until_time", "must lie ahead")
        try reading.finish()
        let caller = try context.principal
        guard caller.agentID == id.uuid || caller.has(.routingSupervise) else { throw RoutingError.notYours(id) }
        return try await surroundings.write(request, \.requestID, context) { work in
            let agent = try await work.activeAgent(id, version: nil)
            let status = AgentStatus(
                availability: availability, reason: availability == .away ? request.reason : "", until: until,
                changed: work.now, changedBy: work.agent)
            try await work.set(status, of: agent)
            return SetAgentStatusResponse(agent: try await work.current(id).wire)
        }
    }

    func listStatusHistory(
        _ request: ListStatusHistoryRequest, _ context: ServerContext
    ) async throws -> ListStatusHistoryResponse {
        var reading = RequestReading(request)
        let id: AgentID = reading.id(request.agentID, "agent_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let list = NewestFirst(
            surroundings.pageTokens, ["ListStatusHistory", try context.tenantID.text, id.description])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            guard try await store.agent(id) != nil else { throw RoutingError.agentNotFound(id) }
            return try await store.statuses(of: id, before: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit) { $0.id }
        return ListStatusHistoryResponse(statuses: page.map { $0.status.wire }, nextPageToken: token)
    }
}

extension RoutingWork {
    /// The agent, locked, if he works here and is of the expected version (`nil`: of any).
    func activeAgent(_ id: AgentID, version: Int64?) async throws -> Agent {
        guard let agent = try await store.lockedAgent(id) else { throw RoutingError.agentNotFound(id) }
        guard agent.state == .active else { throw RoutingError.agentDeactivated(id) }
        guard version == nil || version == agent.version else { throw RoutingError.etagMismatch }
        return agent
    }

    /// The agent as he is now, defaults of his departments included.
    fileprivate func current(_ id: AgentID) async throws -> Agent {
        guard let agent = try await store.agent(id) else { throw RoutingError.agentNotFound(id) }
        return agent
    }

    /// - Throws: DEPARTMENT_NOT_FOUND, ROLE_NOT_FOUND for what is not there, where it was changed.
    fileprivate func require(_ fields: AgentFields, changed: Set<String> = ["roles", "department_ids"]) async throws {
        if changed.contains("department_ids") { try await requireActive(fields.departments) }
        let custom = fields.roles.filter { BuiltInRole(rawValue: $0) == nil }
        if changed.contains("roles"), !custom.isEmpty {
            let known = try await store.roleNames(custom)
            if let missing = custom.first(where: { !known.contains($0) }) { throw RoutingError.roleNotFound(missing) }
        }
    }

    fileprivate func store(_ agent: inout Agent, paths: [String]) async throws {
        agent.version += 1
        agent.updateTime = now
        try await store.update(agent)
        if paths.contains("department_ids") { try await store.setDepartments(agent.fields.departments, of: agent.id) }
        try await note(.agent(agent.id), subject: agent.id.description, paths: paths)
    }

    /// Gives an agent, who is locked, a status, if it is another than he has.
    func set(_ status: AgentStatus, of agent: Agent) async throws {
        let was = agent.status
        guard (status.availability, status.reason, status.until) != (was.availability, was.reason, was.until) else { return }
        try await store.set(status, of: agent.id, change: .v7(at: now))
        try await note(.status(agent.id, status.availability), subject: agent.id.description, paths: ["status"])
        try await presence.setCounted(
            status.availability != .offline, AgentKey(tenantID: tenantID, agent: agent.id))
        try await store.setTimer(.statusUntil, agent.id.uuid, at: status.until)
        if status.until != nil { surroundings.timersChanged(in: store.transaction) }
        if was.availability == .available, agent.presence == .online {
            let departments = agent.fields.departments.map(Optional.some) + [nil]
            try await surroundings.wantDispatch(of: departments, leaving: now, store)
        }
        switch status.availability {
        case .available:
            try await surroundings.wantDispatch(of: agent.fields.departments.map(Optional.some) + [nil], store)
            // What he has paused and whose customer waits is his again (C13).
            if agent.presence == .online {
                surroundings.jobs.enqueue([AgentWork.welcome(agent.id).job(tenantID: tenantID, at: now)], in: store.transaction)
            }
        case .away:
            let work = AgentWork.withdraw(agent.id, .away)
            surroundings.jobs.enqueue([work.job(tenantID: tenantID, at: now)], in: store.transaction)
        case .offline: break
        }
    }
}
