import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func addComment(_ request: AddCommentRequest, _ context: ServerContext) async throws
        -> AddCommentResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        violations.require(request.comment != nil, "comment", "is required", reason: "REQUIRED")
        let wire = request.comment ?? TicketsV1.Comment()
        violations.plain(wire.text, "comment.text", 1...Comment.textMax)
        if case .unrecognized = wire.visibility { violations.add("comment.visibility", "is unknown") }
        let files = violations.ids(
            wire.attachmentIDs, "comment.attachment_ids", max: Comment.attachmentsMax)
        try violations.check()

        return try await surroundings.write(request, \.requestID, context) { work in
            var open = try await work.opened(id)
            // Whoever does not see internal comments would not see his own.
            guard wire.visibility == .public || work.caller.seesInternal else {
                throw Failure.permissionDenied(Permission.ticketsInternal.rawValue)
            }
            let isPublic = wire.visibility == .public
            try await work.show(files, of: id, isPublic: isPublic)
            let comment = Comment(
                id: .v7(at: work.now), ticketID: id, isPublic: isPublic, text: wire.text, attachmentIDs: files,
                author: work.caller.actor, created: work.now)
            try await work.store.insert(comment)
            try await work.save(
                &open, Step(kind: .commented, commentID: comment.id, isInternalComment: !comment.isPublic))
            return AddCommentResponse(comment: comment.wire(in: id))
        }
    }

    func listComments(_ request: ListCommentsRequest, _ context: ServerContext) async throws
        -> ListCommentsResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListComments", try context.tenantID.text, request.ticketID]
        let place = try surroundings.pageTokens.place(request.pageToken, arguments: arguments)
        return try await surroundings.read(context) { work in
            _ = try await work.readable(id)
            let merged = try await work.store.tickets(work.store.mergedInto(id)).filter(work.mayRead).map(
                \.id)
            let found = try await work.store.comments(
                of: [id] + merged, publicOnly: !work.caller.seesInternal, after: place, limit: limit + 1)
            var response = ListCommentsResponse(comments: found.prefix(limit).map { $0.wire(in: id) })
            if found.count > limit {
                let last = found[limit - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: last.created, last.id, arguments: arguments)
            }
            return response
        }
    }
}
