import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

// What users are told (C50): kept for each of them with the change that calls for it, and streamed by the log.
extension Work {
    /// Tells users something of a conversation; nobody is told what he did himself, and nobody twice.
    func notify(
        _ kind: NotificationKind, _ agents: [UUID], of conversation: Conversation, message: UUID? = nil
    ) async throws {
        var seen: Set<UUID> = []
        let told = agents.filter { $0.text != caller.actor.id && seen.insert($0).inserted }
        guard !told.isEmpty else { return }
        let notifications = told.map { agent in
            Notification(
                id: .v7(at: now), agentID: agent, kind: kind, conversationID: conversation.id, messageID: message, created: now)
        }
        store.insert(notifications)
        try await surroundings.events.append(
            notifications.map { notification in
                let news = News(
                    kind: .notified, conversationID: conversation.id, actor: caller.actor,
                    before: News.Standing(conversation), after: News.Standing(conversation), messageID: message,
                    notification: .init(notification))
                return NewEvent(
                    tenantID: tenantID, kind: news.kind.rawValue, subjectID: conversation.id, time: now,
                    attributes: news.attributes)
            }, in: transaction)
    }

    /// Whom a step concerns: who has the conversation now, and who had it.
    func notify(of step: Step, before: Conversation, _ after: Conversation, by agent: UUID?) async throws {
        guard before.assigneeID != after.assigneeID else { return }
        if let former = before.assigneeID, Self.takingEvents.contains(step.event), former != agent {
            try await notify(.taken, [former], of: after)
        }
        guard let next = after.assigneeID, next != agent else { return }
        switch step.event {
        case .distribute: try await notify(.offered, [next], of: after)
        case .assignPreferred: try await notify(.assigned, [next], of: after)
        case .transferToAgent: try await notify(.transferred, [next], of: after)
        default: break
        }
    }

    /// Steps by which a colleague takes away what somebody has.
    private static let takingEvents: Set<TransitionEvent> = [.take, .transferToAgent, .transferToDepartment, .resumeByTemplate]

    /// C50: its assignee is told, else its department.
    func tellResponsible(_ kind: NotificationKind, of conversation: Conversation) async throws {
        let told = conversation.assigneeID.map { [$0] } ?? directory.members(of: conversation.departmentID)
        try await notify(kind, told, of: conversation)
    }
}
