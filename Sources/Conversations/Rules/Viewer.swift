/// A person who looks at the inbox, and what he may see and do (C22).
struct Viewer<AgentID: Hashable & Sendable>: Hashable, Sendable {
    enum Role: String, CaseIterable, Sendable {
        case agent, `operator`, admin
    }

    var agentID: AgentID
    var role: Role
    /// Departments he is a member of.
    var departmentIDs: Set<AgentID>
    /// `queue_visibility = all`: reading and taking reach every department (S9, C22).
    var seesAllDepartments = false

    var isSupervisor: Bool { role != .agent }
    /// No conversation of the tenant is hidden from him.
    var readsAll: Bool { isSupervisor || seesAllDepartments }

    /// He reads every state of conversations in his departments, without department, or his own; and where he is mentioned.
    func reads(department: AgentID?, assignee: AgentID?, mentioned: Set<AgentID> = []) -> Bool {
        readsAll || assignee == agentID || mentioned.contains(agentID) || inScope(department)
    }

    /// What he is to the conversation when he acts on it.
    func actor(department: AgentID?, assignee: AgentID?) -> TransitionActor {
        if assignee == agentID { return .assignee }
        switch role {
        case .operator: return .operator
        case .admin: return .admin
        case .agent:
            guard seesAllDepartments || inScope(department) else { return .stranger }
            return assignee == nil ? .candidate : .colleague
        }
    }

    private func inScope(_ department: AgentID?) -> Bool {
        guard let department else { return true }
        return departmentIDs.contains(department)
    }
}
