/// Whether somebody may be handed a conversation (C20), as the picker shows it; conversations judges again when it is done.
enum TransferRefusal: String, Sendable, Hashable, CaseIterable {
    case toSelf = "TRANSFER_TO_SELF"
    case notAllowed = "TRANSFER_NOT_ALLOWED"
    case agentOffline = "AGENT_OFFLINE"
    case agentAtCapacity = "AGENT_AT_CAPACITY"
    case nobodyAvailable = "NO_AGENT_AVAILABLE"

    /// Whether an operator or administrator may do it nevertheless.
    var isForceable: Bool {
        switch self {
        case .toSelf, .notAllowed: false
        case .agentOffline, .agentAtCapacity, .nobodyAvailable: true
        }
    }
}

struct TransferRule: Sendable, Hashable {
    var assignee: AgentID?
    var department: DepartmentID?
    /// Where the department's conversations may go; empty: anywhere.
    var allowedDepartments: Set<DepartmentID> = []
    var allowsOfflineTransfer = false
    var isWebchat: Bool
    /// One that is open or offered takes a slot of its receiver's.
    var takesSlot: Bool
    var pool: SlotPool
    var weight: Int

    /// `nil`: he may.
    func refusal(of agent: AgentFacts) -> TransferRefusal? {
        if agent.id == assignee { return .toSelf }
        guard agent.departments.contains(where: reaches) || agent.departments.isEmpty && allowedDepartments.isEmpty else {
            return .notAllowed
        }
        if agent.presence != .online, !allowsOfflineTransfer { return .agentOffline }
        if takesSlot, !agent.slot(pool).takes(weight) { return .agentAtCapacity }
        return nil
    }

    /// The own department gives it back to the queue, which is always allowed.
    func refusal(of target: DepartmentID, hasAvailable: Bool) -> TransferRefusal? {
        guard reaches(target) else { return .notAllowed }
        return isWebchat && !hasAvailable ? .nobodyAvailable : nil
    }

    private func reaches(_ target: DepartmentID) -> Bool {
        target == department || allowedDepartments.isEmpty || allowedDepartments.contains(target)
    }
}
