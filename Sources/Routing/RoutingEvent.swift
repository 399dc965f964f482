import EventLog
import FoundationEssentials
import WallTime

/// What other services are told: ids, states and times, never names.
enum RoutingEvent: Sendable, Hashable {
    case tenant(UUID)
    case department(DepartmentID)
    case agent(AgentID)
    case role(String)
    case presence(AgentID, before: Presence, after: Presence)
    case status(AgentID, AgentStatus.Availability)
    case botPresence(BotID, before: Presence, after: Presence)

    enum Kind: String, Sendable, Hashable, CaseIterable {
        case tenant = "routing.tenant"
        case department = "routing.department"
        case agent = "routing.agent"
        case role = "routing.role"
        case presence = "routing.presence"
        case status = "routing.status"
        case botPresence = "routing.bot_presence"
    }

    var kind: Kind {
        switch self {
        case .tenant: .tenant
        case .department: .department
        case .agent: .agent
        case .role: .role
        case .presence: .presence
        case .status: .status
        case .botPresence: .botPresence
        }
    }
}

/// The event as a row of the log.
extension RoutingEvent {
    func newEvent(tenantID: UUID, time: Instant) -> NewEvent {
        func event(_ subject: UUID, _ attributes: [String: String] = [:]) -> NewEvent {
            NewEvent(tenantID: tenantID, kind: kind.rawValue, subjectID: subject, time: time, attributes: attributes)
        }
        return switch self {
        case .tenant(let id): event(id)
        case .department(let id): event(id.uuid)
        case .agent(let id): event(id.uuid)
        // A role has a name and no id.
        case .role(let name): event(tenantID, ["name": name])
        case .presence(let id, let before, let after): event(id.uuid, ["before": before.rawValue, "after": after.rawValue])
        case .status(let id, let after): event(id.uuid, ["after": after.rawValue])
        case .botPresence(let id, let before, let after):
            event(id.uuid, ["before": before.rawValue, "after": after.rawValue])
        }
    }

    /// `nil` for an event that a newer release wrote.
    init?(_ event: Event) {
        let words = event.attributes
        switch Kind(rawValue: event.kind) {
        case .tenant: self = .tenant(event.subjectID)
        case .department: self = .department(DepartmentID(event.subjectID))
        case .agent: self = .agent(AgentID(event.subjectID))
        case .role: self = .role(words["name"] ?? "")
        case .presence:
            guard let before = words["before"].flatMap(Presence.init), let after = words["after"].flatMap(Presence.init) else {
                return nil
            }
            self = .presence(AgentID(event.subjectID), before: before, after: after)
        case .status:
            guard let after = words["after"].flatMap(AgentStatus.Availability.init) else { return nil }
            self = .status(AgentID(event.subjectID), after)
        case .botPresence:
            guard let before = words["before"].flatMap(Presence.init), let after = words["after"].flatMap(Presence.init) else {
                return nil
            }
            self = .botPresence(BotID(event.subjectID), before: before, after: after)
        case nil: return nil
        }
    }
}
