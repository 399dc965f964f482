import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// What is known of one department at one moment: everything that a decision depends on.
struct Snapshot: Sendable {
    /// Conversations of one queue that are looked at in one pass.
    static let queueMax = 1_000

    var department: DepartmentID?
    var rules: DepartmentRules
    var queue: [ServedConversation]
    var agents: [AgentFacts]
    var owners: [Identifier<ContactSubject>: AgentID]
    /// What the last look found.
    var state = DispatchState()
    var now: Instant

    var pass: QueuePass {
        QueuePass(
            department: department, rules: rules, queue: queue, agents: agents, owners: owners, unattended: unattended, now: now)
    }

    var unattended: Unattended {
        let isAnybodyThere = agents.contains { agent in
            agent.isAvailable && agent.mayServe && department.map { agent.departments.contains($0) } ?? true
        }
        return Unattended(rules, isAnybodyThere: isAnybodyThere, left: left, at: now)
    }

    /// When the last one who was available left. Where nobody did, and nobody is available all the same, none of them may serve
    /// any more.
    var left: Instant? { state.left ?? (state.isAttended ? now : nil) }

    /// What a bot has directed goes before what the department says, and that before what the tenant says (C6).
    func method(of conversation: ServedConversation) -> DistributionMethod {
        conversation.routeMethod ?? rules.method ?? .manual
    }
}

/// Reads snapshots: rows in one transaction, then what other services know. No transaction is held over a call.
struct SnapshotReader: Sendable {
    let surroundings: Surroundings
    let conversations: ConversationsClient
    let contacts: ContactsClient

    /// - Parameter everybody: agents of other departments too, to say why not they.
    func snapshot(
        of department: DepartmentID?, tenantID: UUID, everybody: Bool = false
    ) async throws -> Snapshot {
        let now = surroundings.clock.now
        var snapshot = try await surroundings.transaction(tenantID, readOnly: true) { store in
            let rules = try await rules(of: department, store)
            let agents = try await store.facts(at: now).filter { facts in
                everybody || department.map { facts.departments.contains($0) } ?? true
            }
            let queue = try await store.queue(of: department, byPriority: rules.priorityOrder, limit: Snapshot.queueMax)
            let state = try await store.dispatchState(of: department)
            return Snapshot(
                department: department, rules: rules, queue: queue, agents: agents, owners: [:], state: state, now: now)
        }
        guard !snapshot.queue.isEmpty else { return snapshot }
        let slots = await slots(of: snapshot.agents.map(\.id), tenantID: tenantID)
        for index in snapshot.agents.indices {
            for (pool, slot) in slots[snapshot.agents[index].id] ?? [:] { snapshot.agents[index].slots[pool] = slot }
        }
        let known = Set(snapshot.queue.filter { snapshot.method(of: $0) == .owner }.compactMap(\.contact)).sorted()
        if !known.isEmpty {
            snapshot.owners = try await contacts.owners(of: known, tenantID: tenantID)
        }
        return snapshot
    }

    /// What conversations says of loads and limits, which it judges by. While it does not answer, our own rows have to do: it
    /// refuses what does not fit.
    private func slots(of agents: [AgentID], tenantID: UUID) async -> [AgentID: [SlotPool: AgentFacts.Slot]] {
        do {
            return try await conversations.slots(of: agents, tenantID: tenantID)
        } catch {
            surroundings.logger.debug("conversations does not say what agents carry", metadata: ["error": "\(error)"])
            return [:]
        }
    }

    /// What belongs to no department goes by the tenant's word alone.
    private func rules(of department: DepartmentID?, _ store: RoutingStore) async throws -> DepartmentRules {
        try await store.rules(of: department).completed(by: try await store.tenant()?.settings ?? TenantSettings())
    }
}

extension RoutingStore {
    /// What distribution asks about everybody who works for the tenant. The loads are those of our own rows until
    /// conversations has said better.
    func facts(at now: Instant) async throws -> [AgentFacts] {
        let agents = try await activeAgents()
        let serving = try await servingRoles()
        let rules = try await restoreRules()
        let loads = try await loads()
        var restoring: Set<AgentID> = []
        for paused in try await disconnectedAssignees() {
            guard let assignee = paused.assignee else { continue }
            let within = paused.department.flatMap { rules[$0] } ?? DepartmentRules()
            if paused.isRestorable(within: within, at: now) { restoring.insert(assignee) }
        }
        return agents.map { agent in
            AgentFacts(
                agent, serving: serving, loads: loads[agent.id] ?? [:], isRestoring: restoring.contains(agent.id))
        }
    }

    private func servingRoles() async throws -> Set<String> {
        let custom = try await roles(after: nil, limit: 1_000).filter { $0.fields.permissions.contains(.conversationsHandle) }
        let builtIn = BuiltInRole.allCases.filter { $0.permissions.contains(.conversationsHandle) }
        return Set(custom.map(\.name) + builtIn.map(\.rawValue))
    }

    private func restoreRules() async throws -> [DepartmentID: DepartmentRules] {
        let departments = try await departments(archived: true, after: nil, limit: 1_000)
        return Dictionary(uniqueKeysWithValues: departments.map { ($0.id, $0.fields.rules) })
    }
}

extension ServedConversation {
    /// C12: paused by his disconnection, and still in time to come back by itself. On e-mail there is no hurry.
    func isRestorable(within rules: DepartmentRules, at now: Instant) -> Bool {
        guard state == .pending, reason == "disconnected" else { return false }
        return pool == .email || now <= stateTime.advanced(by: .milliseconds(rules.restoreWithin))
    }
}

extension AgentFacts {
    init(_ agent: Agent, serving: Set<String>, loads: [SlotPool: Int], isRestoring: Bool) {
        self.init(
            id: agent.id, name: agent.fields.name, isActive: agent.state == .active,
            mayServe: agent.fields.roles.isEmpty || !serving.isDisjoint(with: agent.fields.roles),
            departments: Set(agent.fields.departments), presence: agent.presence, availability: agent.status.availability,
            skills: Set(agent.fields.skills),
            slots: [
                .chat: Slot(load: loads[.chat] ?? 0, loadMax: agent.chatLimit),
                .email: Slot(load: loads[.email] ?? 0, loadMax: agent.emailLimit),
            ],
            lastAssigned: agent.lastAssigned, isRestoring: isRestoring)
    }
}
