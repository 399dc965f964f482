import ContactsV1
import ConversationsV1
import RoutingV1
import TicketsV1

/// A service whose news browsers are told; by its name it stands in a stream's position.
enum NewsService: String, Sendable, Hashable {
    case conversations, contacts, tickets, routing
}

/// One event of one service's log.
enum News: Sendable {
    case conversation(ConversationEvent)
    case contact(ContactEvent)
    case ticket(TicketEvent)
    case routing(RoutingEvent)
    /// Of no log: it has no id, and is not told later.
    case typing(Typing)

    /// Greater for a later event, among those of one service and tenant.
    var eventID: String {
        switch self {
        case .conversation(let event): event.eventID
        case .contact(let event): event.eventID
        case .ticket(let event): event.eventID
        case .routing(let event): event.eventID
        case .typing: ""
        }
    }

    var tenantID: String {
        switch self {
        case .conversation(let event): event.tenantID
        case .contact(let event): event.tenantID
        case .ticket(let event): event.tenantID
        case .routing(let event): event.tenantID
        case .typing(let typing): typing.tenantID
        }
    }
}

/// A step of a service's Watch: it tells news, or only how far the log has been read.
struct FeedStep: Sendable {
    var cursor: String
    var news: News?
    /// Stands for itself: neither news nor a place in the log come with it.
    var typing: Typing?
    /// Everything that had happened when the Watch began has been told.
    var isLive: Bool
}

/// A service whose news the gateway follows.
protocol FeedSource: Sendable {
    var service: NewsService { get }

    /// Follows the log in the gateway's own name, until `each` answers false or the stream ends.
    /// - Parameters:
    ///   - cursor: nil begins at the present.
    ///   - tenantID: nil follows every tenant, and waits for the service to be there.
    func follow(after cursor: String?, tenantID: String?, _ each: (FeedStep) async throws -> Bool) async throws
}

extension FeedSource {
    /// The service's name in a stream's position.
    var name: String { service.rawValue }
}
