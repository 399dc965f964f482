import ConversationsV1

/// What one agent may see: of the tenant's conversations (C22) as conversations told it, and what else.
struct Viewer: Sendable, Hashable {
    var agentID: String
    var seesAll: Bool
    var departmentIDs: Set<String>
    var sight: Sight

    init(_ scope: GetScopeResponse, _ sight: Sight) {
        agentID = scope.agentID
        seesAll = scope.allDepartments
        departmentIDs = Set(scope.departments.map(\.departmentID))
        self.sight = sight
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

    func sees(_ audience: Audience) -> Bool {
        sees(departmentID: audience.departmentID, assigneeID: audience.assigneeID) || mentions(audience)
    }

    private func mentions(_ audience: Audience) -> Bool { audience.mentionedAgentIDs.contains(agentID) }

    private func sees(departmentID: String, assigneeID: String) -> Bool {
        seesAll || departmentID.isEmpty || departmentIDs.contains(departmentID) || assigneeID == agentID
    }
}

/// What an agent may see beside conversations and his colleagues.
struct Sight: OptionSet, Sendable, Hashable {
    let rawValue: Int

    static let contacts = Sight(rawValue: 1)
    static let tickets = Sight(rawValue: 2)
    static let internalTickets = Sight(rawValue: 4)

    /// The services whose news he is told.
    var services: Set<String> {
        var services: Set<NewsService> = [.conversations, .routing]
        if contains(.contacts) { services.insert(.contacts) }
        if contains(.tickets) { services.insert(.tickets) }
        return Set(services.map(\.rawValue))
    }
}
