import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import TicketsV1
import WallTime

extension TicketsService {
    func listTickets(_ request: ListTicketsRequest, _ context: ServerContext) async throws
        -> ListTicketsResponse
    {
        var violations = Violations()
        let asked = TicketFilter(request, &violations)
        try violations.check()
        let limit = try pageSize(request.pageSize)
        guard let order = TicketOrder(request.orderBy) else { throw TicketsError.orderByInvalid }
        var same = request
        (same.pageToken, same.pageSize) = ("", 0)
        let arguments = ["ListTickets", try context.tenantID.text, Base64URL.encode(same.serialized())]
        let keys = try surroundings.pageTokens.keys(
            of: request.pageToken, count: 2, arguments: arguments)
        let place = try keys.map { (keys) throws(Failure) in
            guard let key = Int64(keys[0]), let id = UUID(id: keys[1]) else { throw .pageTokenInvalid }
            return (key: key, id: id)
        }
        return try await surroundings.read(context) { work in
            let filter = try await work.visible(asked)
            let found = try await work.store.tickets(filter, order, after: place, limit: limit + 1)
            var response = ListTicketsResponse(
                tickets: try await work.views(Array(found.prefix(limit))).map(\.wire))
            if found.count > limit {
                let last = found[limit - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: ["\(order.key(of: last))", last.id.text], arguments: arguments)
            }
            return response
        }
    }
}

extension Work {
    /// The filter with what is below its categories, and without what the caller may not know of.
    fileprivate func visible(_ filter: TicketFilter) async throws -> TicketFilter {
        var filter = filter
        if !filter.categoryIDs.isEmpty {
            let tree = CategoryTree(try await store.categories())
            // A category that is not there holds no ticket; it must not mean all.
            filter.categoryIDs = Array(Set(filter.categoryIDs + filter.categoryIDs.flatMap(tree.below)))
        }
        filter.publicOnly = !caller.seesInternal
        return filter
    }
}

extension TicketFilter {
    fileprivate init(_ request: ListTicketsRequest, _ violations: inout Violations) {
        statuses = violations.known(request.statuses, "statuses", max: Violations.listMax, TicketStatus.init)
        types = violations.known(request.types, "types", max: Violations.listMax, TicketType.init)
        violations.line(request.number, "number", 0...40)
        violations.line(request.label, "label", 0...TicketFields.labelMax)
        number = request.number.isEmpty ? nil : request.number
        label = request.label.isEmpty ? nil : request.label
        requesterID = violations.optionalID(request.requesterID, "requester_id")
        assigneeID = violations.optionalID(request.assigneeID, "assignee_id")
        isUnassigned = request.unassigned
        departmentIDs = violations.ids(request.departmentIDs, "department_ids")
        categoryIDs = violations.ids(request.categoryIDs, "category_ids")
        serviceIDs = violations.ids(request.serviceIDs, "service_ids")
        priorityIDs = violations.ids(request.priorityIDs, "priority_ids")
        conversationID = violations.optionalID(request.conversationID, "conversation_id")
        isBreached = request.breached
        dueBefore = request.dueBeforeTime.map(Instant.init)
        includesMerged = request.merged
    }
}
