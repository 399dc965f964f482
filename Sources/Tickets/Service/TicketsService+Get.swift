import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1
import WallTime

extension TicketsService {
    static let batchCountMax = 200

    func getTicket(_ request: GetTicketRequest, _ context: ServerContext) async throws
        -> GetTicketResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            GetTicketResponse(ticket: try await work.wire(work.readable(id)))
        }
    }

    func batchGetTickets(_ request: BatchGetTicketsRequest, _ context: ServerContext) async throws
        -> BatchGetTicketsResponse
    {
        var violations = Violations()
        violations.require(!request.ticketIDs.isEmpty, "ticket_ids", "is required", reason: "REQUIRED")
        let ids = violations.ids(request.ticketIDs, "ticket_ids", max: Self.batchCountMax)
        try violations.check()
        return try await surroundings.read(context) { work in
            let found = try await work.views(work.store.tickets(ids).filter(work.mayRead))
            let byID = Dictionary(
                found.map { ($0.ticket.id, $0) }, uniquingKeysWith: { first, _ in first })
            return BatchGetTicketsResponse(tickets: ids.compactMap { byID[$0]?.wire })
        }
    }

    func listHistory(_ request: ListHistoryRequest, _ context: ServerContext) async throws
        -> ListHistoryResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListHistory", try context.tenantID.text, request.ticketID]
        let place = try surroundings.pageTokens.number(request.pageToken, arguments: arguments)
        return try await surroundings.read(context) { work in
            _ = try await work.readable(id)
            let found = try await work.store.history(of: id, after: place, limit: limit + 1)
            var response = ListHistoryResponse(historyEntries: found.prefix(limit).map(\.wire))
            if found.count > limit {
                response.nextPageToken = surroundings.pageTokens.token(
                    after: ["\(found[limit - 1].number)"], arguments: arguments)
            }
            return response
        }
    }

    func listClockEntries(
        _ request: ListClockEntriesRequest, _ context: ServerContext
    ) async throws -> ListClockEntriesResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListClockEntries", try context.tenantID.text, request.ticketID]
        let keys = try surroundings.pageTokens.keys(
            of: request.pageToken, count: 2, arguments: arguments)
        let place = try keys.map { (keys) throws(Failure) in
            guard let number = Int(keys[1]) else { throw .pageTokenInvalid }
            return (kind: keys[0], number: number)
        }
        return try await surroundings.read(context) { work in
            _ = try await work.readable(id)
            let found = try await work.store.entries(of: id, after: place, limit: limit + 1)
            let page = Array(found.prefix(limit))
            let consumed = try await work.consumed(page, of: id)
            var response = ListClockEntriesResponse(
                clockEntries: zip(page, consumed).map { $0.wire(consumed: $1) })
            if found.count > limit, let last = page.last {
                response.nextPageToken = surroundings.pageTokens.token(
                    after: [last.kind.rawValue, "\(last.number)"], arguments: arguments)
            }
            return response
        }
    }

    func explainPolicy(_ request: ExplainPolicyRequest, _ context: ServerContext) async throws
        -> ExplainPolicyResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            let ticket = try await work.readable(id)
            let promises = try await work.promises()
            return ExplainPolicyResponse(
                explanation: promises.match(ticket, at: work.now).wire(promises, at: work.now))
        }
    }
}

extension Work {
    /// What each line's clock had consumed by then, counted from the beginning of its cycle.
    fileprivate func consumed(_ page: [StoredEntry], of ticket: UUID) async throws -> [Duration] {
        let all = try await store.entries(of: ticket, after: nil, limit: .max)
        let calendars = try await store.hours(Set(all.compactMap(\.calendar))).mapValues {
            try surroundings.calendars.calendar($0)
        }
        return page.map { entry in
            let before = all.filter {
                $0.kind == entry.kind && $0.cycle == entry.cycle && $0.number <= entry.number
            }
            return ClockLog(before.map { $0.entry(calendars).step })?.consumed(at: entry.time) ?? .zero
        }
    }
}

extension PageTokens {
    /// The number after which a page begins; 0 for the first.
    func number(_ token: String, arguments: [String]) throws(Failure) -> Int {
        guard let keys = try keys(of: token, count: 1, arguments: arguments) else { return 0 }
        guard let number = Int(keys[0]) else { throw .pageTokenInvalid }
        return number
    }

    /// The time and id after which a page begins; nil for the first.
    func place(_ token: String, arguments: [String]) throws(Failure) -> (time: Instant, id: UUID)? {
        guard let keys = try keys(of: token, count: 2, arguments: arguments) else { return nil }
        guard let time = Int64(keys[0]), let id = UUID(id: keys[1]) else { throw .pageTokenInvalid }
        return (Instant(microseconds: time), id)
    }

    func token(after time: Instant, _ id: UUID, arguments: [String]) -> String {
        token(after: ["\(time.microseconds)", id.text], arguments: arguments)
    }
}
