import FoundationEssentials
import WallTime

/// One matter of one requester (S41).
struct Ticket: Sendable, Hashable {
    var id: UUID
    /// With the tenant's prefix.
    var number: String
    var sequence: Int
    var status: TicketStatus = .new
    var statusReason = ""
    var fields: TicketFields
    /// It takes its responsible agent from its conversations (C24).
    var assigneeFollows = true
    var waitingOn: WaitingOn = .nobody
    var policyID: UUID?
    var mergedInto: UUID?
    var followUpOf: UUID?
    var splitFrom: UUID?
    /// Of the conversation that it was made for; empty: none.
    var channel = ""
    var created: Instant
    var updated: Instant
    var resolved: Instant?
    var ended: Instant?
    var version: Int64 = 1
    var historyCount = 0

    var isOver: Bool { status.category == .ended }

    /// What policies look at.
    /// - Parameter path: the category and those above it.
    func facts(categoryPath path: [UUID]) -> TicketFacts {
        TicketFacts(
            type: fields.type, priorityID: fields.priorityID, categoryPath: path, serviceID: fields.serviceID,
            departmentID: fields.departmentID, labels: Set(fields.labels))
    }
}

/// What people write in a ticket.
struct TicketFields: Sendable, Hashable {
    static let subjectMax = 300
    static let descriptionMax = 10_000
    static let labelsMax = 50
    static let labelMax = 60

    var subject = ""
    var description = ""
    var type: TicketType = .public
    var requesterID: UUID?
    var serviceID: UUID?
    var categoryID: UUID?
    var priorityID: UUID?
    var assigneeID: UUID?
    var departmentID: UUID?
    var labels: [String] = []
}

/// A conversation that runs through a ticket.
struct TicketConversation: Sendable, Hashable {
    var id: UUID
    var ticketID: UUID
    var isClosed = false
    var waitingOn: WaitingOn = .nobody
    var assigneeID: UUID?
    var linked: Instant
    /// What was heard of it last.
    var lastEventID = ""
    var lastEventTime: Instant?
}

extension [TicketConversation] {
    /// Whose turn it is over all of them: somebody who waits for us counts before everybody who lets us wait (C38).
    var waitingOn: WaitingOn {
        let living = filter { !$0.isClosed }.map(\.waitingOn)
        return living.contains(.agent) ? .agent : living.contains(.customer) ? .customer : .nobody
    }
}

/// Who did something.
struct Actor: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case agent, bot, integrator, system
    }

    var kind: Kind
    /// Empty for the system.
    var id = ""

    static let system = Actor(kind: .system)
}

/// How a tenant's tickets behave.
struct TicketSettings: Sendable, Hashable {
    var prefix = ""
    var reopenWithin = Reopening.standard
    var strictest = false
    var requiredOnClose: [String] = []
    var version: Int64 = 1

    static let prefixMax = 12
    static let reopenMax: Duration = .seconds(365 * 86_400)
    /// What can be asked for before a conversation is closed (C24).
    static let requirable = [
        "assignee_id", "category_id", "department_id", "description", "labels", "priority_id", "service_id",
    ]

    /// The required fields that a ticket lacks.
    func missing(in ticket: Ticket) -> [String] {
        let fields = ticket.fields
        return requiredOnClose.filter { path in
            switch path {
            case "assignee_id": fields.assigneeID == nil
            case "category_id": fields.categoryID == nil
            case "department_id": fields.departmentID == nil
            case "description": fields.description.isEmpty
            case "labels": fields.labels.isEmpty
            case "priority_id": fields.priorityID == nil
            case "service_id": fields.serviceID == nil
            default: false
            }
        }
    }
}
