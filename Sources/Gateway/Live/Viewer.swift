import ConversationsV1

/// What one agent may see: of the tenant's conversations (C22) as conversations told it, and whether its contacts.
struct Viewer: Sendable, Hashable {
    var agentID: String
    var seesAll: Bool
    var departmentIDs: Set<String>
    var readsContacts: Bool

    init(_ scope: GetScopeResponse, readsContacts: Bool) {
        agentID = scope.agentID
        seesAll = scope.allDepartments
        departmentIDs = Set(scope.departments.map(\.departmentID))
        self.readsContacts = readsContacts
    }

    /// What of an event this viewer is told.
    enum View: Sendable, Hashable {
        case nothing
        /// He saw the conversation until now.
        case removed
        /// - withRow: the row as it is now; it may be later than the event, and no longer his to see.
        case event(withRow: Bool)
    }

    func view(of event: ConversationEvent) -> View {
        // What one user is told is nobody else's.
        if event.kind == .notified, event.notifiedAgentID != agentID { return .nothing }
        guard let after = event.audienceAfter, sees(after) else {
            return event.audienceBefore.map(sees) == true ? .removed : .nothing
        }
        let row = event.conversation
        let seesRow = row.map { sees(departmentID: $0.departmentID, assigneeID: $0.assigneeID) || mentions(after) } ?? false
        return .event(withRow: seesRow)
    }

    private func sees(_ audience: Audience) -> Bool {
        sees(departmentID: audience.departmentID, assigneeID: audience.assigneeID) || mentions(audience)
    }

    private func mentions(_ audience: Audience) -> Bool { audience.mentionedAgentIDs.contains(agentID) }

    private func sees(departmentID: String, assigneeID: String) -> Bool {
        seesAll || departmentID.isEmpty || departmentIDs.contains(departmentID) || assigneeID == agentID
    }
}
