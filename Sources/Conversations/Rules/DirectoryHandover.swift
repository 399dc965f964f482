import FoundationEssentials
import WallTime

/// Whether a conversation may be handed to somebody (C20), as the directory knows him. Routing's picker says the same of
/// everybody at once.
struct DirectoryHandover: Sendable {
    private let directory: Directory
    private let own: UUID?
    private let allowed: Set<UUID>
    private let isWebchat: Bool
    private let now: Instant

    /// - Parameter own: the conversation's department.
    init(_ directory: Directory, from own: UUID?, isWebchat: Bool, now: Instant) {
        self.directory = directory
        self.own = own
        self.isWebchat = isWebchat
        self.now = now
        allowed = own.flatMap { directory.departments[$0] }?.transferDepartmentIDs ?? []
    }

    /// - Parameter force: operators and admins may hand it to somebody who is offline, never past the department's rule.
    /// - Returns: `nil`: he may have it.
    func refusal(ofAgent id: UUID?, force: Bool) -> ConversationsError? {
        guard let agent = directory.agent(id) else { return .agentNotFound }
        guard agent.departmentIDs.contains(where: reaches) || agent.departmentIDs.isEmpty && allowed.isEmpty else {
            return .transferNotAllowed
        }
        let mayBeOffline = force || directory.tenant?.allowsOfflineTransfer ?? false
        return agent.presence == .online || mayBeOffline ? nil : .agentOffline(agent.id)
    }

    func refusal(ofDepartment id: UUID?, force: Bool) -> ConversationsError? {
        guard let department = directory.department(id) else { return .departmentNotFound }
        guard reaches(department.id) else { return .transferNotAllowed }
        // A visitor who waits is not sent to where nobody is.
        if isWebchat, !force, !directory.isAttended(department.id, at: now) { return .nobodyAvailable(department.id) }
        return nil
    }

    private func reaches(_ department: UUID) -> Bool {
        department == own || allowed.isEmpty || allowed.contains(department)
    }
}
