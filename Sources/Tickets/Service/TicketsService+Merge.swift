import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1
import WallTime

extension TicketsService {
    func mergeTickets(_ request: MergeTicketsRequest, _ context: ServerContext) async throws
        -> MergeTicketsResponse
    {
        var violations = Violations()
        let survivorID = violations.id(request.survivingTicketID, "surviving_ticket_id")
        let mergedID = violations.id(request.mergedTicketID, "merged_ticket_id")
        violations.reason(request.reason)
        try violations.check()
        guard survivorID != mergedID else { throw TicketsError.sameTicket }
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            var (survivor, merged) = try await work.openedPair(survivorID, mergedID, version: version)
            try survivor.requireLiving()
            return MergeTicketsResponse(
                merge: try await work.merge(&merged, into: &survivor, request.reason).wire)
        }
    }

    func unmergeTickets(_ request: UnmergeTicketsRequest, _ context: ServerContext) async throws
        -> UnmergeTicketsResponse
    {
        var violations = Violations()
        let id = violations.id(request.mergeID, "merge_id")
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            guard let known = try await work.store.merge(id) else {
                throw TicketsError.notFound(.merge, id)
            }
            // Tickets first, as everybody locks them first.
            let opened = try await work.opened([known.survivingID, known.mergedID])
            guard var survivor = opened.first(where: { $0.ticket.id == known.survivingID }),
                var merged = opened.first(where: { $0.ticket.id == known.mergedID }),
                var merge = try await work.store.lockedMerge(id)
            else { throw TicketsError.notFound(.merge, id) }
            if let version, version != merge.version { throw Failure.etagMismatch }
            guard merge.undone == nil else { throw TicketsError.mergeUndone }
            guard survivor.ticket.mergedInto == nil else { throw TicketsError.mergeNotLast }
            try await work.unmerge(&merge, &merged, from: &survivor)
            return UnmergeTicketsResponse(merge: merge.wire)
        }
    }

    func getTicketMerge(_ request: GetTicketMergeRequest, _ context: ServerContext) async throws
        -> GetTicketMergeResponse
    {
        var violations = Violations()
        let id = violations.id(request.mergeID, "merge_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            guard let merge = try await work.store.merge(id),
                try await work.store.tickets([merge.survivingID]).contains(where: work.mayRead)
            else { throw TicketsError.notFound(.merge, id) }
            return GetTicketMergeResponse(merge: merge.wire)
        }
    }

    func listTicketMerges(
        _ request: ListTicketMergesRequest, _ context: ServerContext
    ) async throws -> ListTicketMergesResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListTicketMerges", try context.tenantID.text, request.ticketID]
        let place = try surroundings.pageTokens.place(request.pageToken, arguments: arguments)
        return try await surroundings.read(context) { work in
            _ = try await work.readable(id)
            let found = try await work.store.merges(of: id, after: place, limit: limit + 1)
            var response = ListTicketMergesResponse(merges: found.prefix(limit).map(\.wire))
            if found.count > limit {
                let last = found[limit - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: last.merged, last.id, arguments: arguments)
            }
            return response
        }
    }
}

extension Work {
    /// Two tickets, each of which can be changed.
    func openedPair(_ one: UUID, _ other: UUID, version: Int64?) async throws -> (
        OpenTicket, OpenTicket
    ) {
        let opened = try await opened([one, other])
        guard let first = opened.first(where: { $0.ticket.id == one }) else {
            throw TicketsError.ticketNotFound(one)
        }
        guard let second = opened.first(where: { $0.ticket.id == other }) else {
            throw TicketsError.ticketNotFound(other)
        }
        if let version, version != first.ticket.version { throw Failure.etagMismatch }
        for ticket in [first.ticket, second.ticket] {
            if let survivor = ticket.mergedInto {
                throw TicketsError.ticketMerged(ticket.id, into: survivor)
            }
        }
        return (first, second)
    }

    fileprivate func merge(
        _ merged: inout OpenTicket, into survivor: inout OpenTicket, _ reason: String
    ) async throws -> TicketMerge {
        let moved = try await store.move(
            merged.conversations.map(\.id), from: merged.ticket.id, to: survivor.ticket.id, at: now)
        let merge = TicketMerge(
            id: .v7(at: now), survivingID: survivor.ticket.id, mergedID: merged.ticket.id, reason: reason,
            actor: caller.actor, merged: now, conversationIDs: moved)
        try await store.insert(merge)
        merged.ticket.mergedInto = survivor.ticket.id
        merged.hand(moved, to: &survivor, at: now)
        try await save(
            &merged,
            Step(
                kind: .merged, reason: reason, signal: .changed("merged"), otherTicketID: survivor.ticket.id
            ))
        try await save(
            &survivor,
            Step(
                kind: .merged, reason: reason, signal: .changed("waiting"), otherTicketID: merged.ticket.id)
        )
        return merge
    }

    fileprivate func unmerge(
        _ merge: inout TicketMerge, _ merged: inout OpenTicket, from survivor: inout OpenTicket
    ) async throws {
        let moved = try await store.move(
            merge.conversationIDs, from: survivor.ticket.id, to: merged.ticket.id, at: now)
        merge.undone = (now, caller.actor)
        merge.version += 1
        try await store.undo(merge)
        merged.ticket.mergedInto = nil
        survivor.hand(moved, to: &merged, at: now)
        try await save(
            &merged,
            Step(kind: .unmerged, signal: .changed("unmerged"), otherTicketID: survivor.ticket.id))
        try await save(
            &survivor, Step(kind: .unmerged, signal: .changed("waiting"), otherTicketID: merged.ticket.id)
        )
    }
}

extension OpenTicket {
    /// What the store moved is moved here as well.
    mutating func hand(_ moved: [UUID], to other: inout OpenTicket, at now: Instant) {
        for var conversation in conversations where moved.contains(conversation.id) {
            conversation.ticketID = other.ticket.id
            conversation.linked = now
            other.conversations.append(conversation)
            other.newlyLinked.insert(conversation.id)
        }
        conversations.removeAll { moved.contains($0.id) }
    }
}
