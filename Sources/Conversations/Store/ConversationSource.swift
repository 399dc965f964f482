import FoundationEssentials
import Postgres

/// A place where conversations of one state stand together in an index.
///
/// Who sees all departments reads whole states. Who sees few reads those departments, and what is his or mentions him: sifting
/// his rows out of everybody's would take the longer the more others have.
enum ConversationSource {
    /// All of the state that meet the condition.
    case state(SQL)
    case departments([UUID])
    case noDepartment
    case assignee(UUID)
    case mentioning(UUID)

    /// The sources of what the viewer may read; a row may stand in several.
    static func sources(of query: ConversationQuery, for viewer: Viewer<UUID>) -> [ConversationSource] {
        if query.view == .yours { return [.assignee(viewer.agentID)] }
        // A contact has few, and they are found by him.
        if query.contactID != nil { return [.state(ConversationStore.readable(by: viewer))] }
        let wanted = Set(query.departmentIDs)
        if viewer.readsAll { return [wanted.isEmpty ? .state("true") : .departments(wanted.sorted())] }
        let elsewhere: [ConversationSource] = [.assignee(viewer.agentID), .mentioning(viewer.agentID)]
        guard wanted.isEmpty else { return [.departments(viewer.departmentIDs.intersection(wanted).sorted())] + elsewhere }
        return [.departments(viewer.departmentIDs.sorted()), .noDepartment] + elsewhere
    }

    /// What tells its rows from others of the state. Of departments it speaks of `one_department`.
    var condition: SQL {
        switch self {
        case .state(let condition): condition
        case .departments: "department_id = one_department"
        case .noDepartment: "department_id is null"
        case .assignee(let agent): "assignee_id = \(agent)"
        case .mentioning(let agent): "mentioned_agent_ids <> '{}' and \(agent) = any(mentioned_agent_ids)"
        }
    }

    /// Whether its index has the rows in this order. Of an agent's own, and of those that mention him, all of the state are
    /// looked at where it has not.
    func keeps(_ order: ConversationQuery.Order) -> Bool {
        switch self {
        case .state, .departments, .noDepartment: true
        case .assignee, .mentioning: order == .lastMessage
        }
    }

    /// What comes before the list's own keys in the order of its index. PostgreSQL sees by itself that an equal column does not
    /// matter to the order, of one that is null it does not.
    var leadingKeys: [SQL] {
        if case .noDepartment = self { ["department_id"] } else { [] }
    }
}
