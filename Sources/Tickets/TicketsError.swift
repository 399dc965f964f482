import FoundationEssentials
import GRPC
import ServiceRuntime

/// Every refusal of this service. The contract documents each. What the surroundings do wrong (the database, the network) is none of
/// them, but for a service that had to be asked and could not be.
enum TicketsError: Error, Sendable, Hashable {
    case ticketNotFound(UUID)
    /// A category, service, priority, calendar, policy, contact, merge, link or department, as the reason's first word says.
    case notFound(Thing, UUID)
    case ticketMerged(UUID, into: UUID)
    case ticketEnded(UUID, TicketStatus)
    case statusNotAllowed(from: TicketStatus, to: TicketStatus)
    case reopenTooLate
    case sameTicket
    case mergeUndone
    case mergeNotLast
    case linksMax
    case linkFixed
    case nameTaken
    case rankTaken
    case categoryTooDeep
    case categoryCircle
    case catalogueFull(max: Int)
    case priorityStandard
    case orderByInvalid
    case cursorOutOfRange
    case cursorMalformed
    case dependencyUnavailable(String)
    case attachmentTooLarge(bytesMax: Int)
    case attachmentHashMismatch

    enum Thing: String, Sendable, Hashable {
        case category, service, priority, calendar, policy, contact, merge, link, conversation,
            attachment, department
    }
}

extension TicketsError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code.
    var failure: Failure {
        switch self {
        case .ticketNotFound(let id): .notFound("ticket", id.text)
        case .notFound(let thing, let id): .notFound(thing.rawValue, id.text)
        case .ticketMerged(let id, let survivor):
            .state(
                "TICKET_MERGED", "the ticket is merged into another",
                ["ticket_id": id.text, "merged_into": survivor.text])
        case .ticketEnded(let id, let status):
            .state(
                "TICKET_ENDED", "the ticket is \(status.rawValue)",
                ["ticket_id": id.text, "status": status.rawValue])
        case .statusNotAllowed(let from, let to):
            .state(
                "STATUS_NOT_ALLOWED", "no way leads from \(from.rawValue) to \(to.rawValue)",
                ["from": from.rawValue, "to": to.rawValue])
        case .reopenTooLate:
            .state("REOPEN_TOO_LATE", "the ticket was resolved too long ago: make a follow-up")
        case .sameTicket: Failure(.invalidArgument, reason: "SAME_TICKET", "both are the same ticket")
        case .mergeUndone: .state("MERGE_UNDONE", "the merge was undone before")
        case .mergeNotLast:
            .state("MERGE_NOT_LAST", "the survivor was merged itself since: undo that first")
        case .linksMax:
            Failure(
                .resourceExhausted, reason: "LINKS_MAX",
                "a ticket has at most \(TicketLink.perTicketMax) links",
                metadata: ["max": "\(TicketLink.perTicketMax)"])
        case .linkFixed: .state("LINK_FIXED", "the service made this link")
        case .nameTaken: Failure(.alreadyExists, reason: "NAME_TAKEN", "another one has this name")
        case .rankTaken: Failure(.alreadyExists, reason: "RANK_TAKEN", "another one has this rank")
        case .categoryTooDeep:
            Failure(
                .invalidArgument, reason: "CATEGORY_TOO_DEEP",
                "the tree is at most \(Category.depthMax) deep",
                metadata: ["max": "\(Category.depthMax)"])
        case .categoryCircle:
            Failure(.invalidArgument, reason: "CATEGORY_CIRCLE", "a category cannot stand below itself")
        case .catalogueFull(let max):
            Failure(
                .resourceExhausted, reason: "CATALOGUE_FULL", "there are at most \(max) of these",
                metadata: ["max": "\(max)"])
        case .priorityStandard:
            .state(
                "PRIORITY_STANDARD", "there is always one standard priority: make another one it first")
        case .orderByInvalid:
            Failure(
                .invalidArgument, reason: "ORDER_BY_INVALID", "order_by names no order of this list",
                fields: [Failure.FieldViolation("order_by", "names no order of this list")])
        case .cursorOutOfRange:
            Failure(
                .outOfRange, reason: "CURSOR_OUT_OF_RANGE",
                "the cursor is older than what is kept, or from before a restore: read anew and start without one"
            )
        case .attachmentTooLarge(let bytesMax):
            Failure(
                .resourceExhausted, reason: "ATTACHMENT_TOO_LARGE", "the file is larger than \(bytesMax) bytes",
                metadata: ["bytes_max": "\(bytesMax)"])
        case .attachmentHashMismatch:
            Failure(
                .invalidArgument, reason: "ATTACHMENT_HASH_MISMATCH", "the bytes do not have the hash announced",
                fields: [Failure.FieldViolation("header.sha256", "is not the hash of the bytes")])
        case .cursorMalformed: .invalid("after_cursor", "is no cursor of this service")
        case .dependencyUnavailable(let service):
            Failure(
                .unavailable, reason: "DEPENDENCY_UNAVAILABLE", "\(service) cannot be asked just now",
                metadata: ["service": service], retryAfter: .seconds(1))
        }
    }
}

extension Failure {
    fileprivate static func state(
        _ reason: String, _ message: String, _ metadata: [String: String] = [:]
    ) -> Failure {
        Failure(
            .failedPrecondition, reason: reason, message, metadata: metadata,
            preconditions: [
                .init(type: reason, subject: metadata["ticket_id"] ?? "ticket", description: message)
            ])
    }
}
