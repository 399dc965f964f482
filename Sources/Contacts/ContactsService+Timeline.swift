import ContactsV1
import GRPC
import ServiceRuntime
import WallTime

extension ContactsService {
    func listTimeline(_ request: ListTimelineRequest, _ context: ServerContext) async throws -> ListTimelineResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let kinds = reading.timelineKinds(request.kinds, "kinds")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListTimeline", request.contactID] + kinds.map { "\($0)" }
        let place = try pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
            .map { (keys) throws(Failure) in try TimelinePlace(keys: keys) }

        let found = try await self.reading(context) { store in
            guard try await store.contact(id) != nil else { throw ContactsError.contactNotFound(id) }
            return try await store.timeline(of: store.family(of: id), kinds: kinds, after: place, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListTimelineResponse(timelineEntries: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = pageTokens.token(after: last.place.keys, arguments: arguments)
        }
        return response
    }
}

extension TimelineEntry {
    fileprivate var place: TimelinePlace { TimelinePlace(occurTime: occurTime, id: id) }
}

extension TimelinePlace {
    fileprivate var keys: [String] { ["\(occurTime.microseconds)", id.description] }

    fileprivate init(keys: [String]) throws(Failure) {
        guard let microseconds = Int64(keys[0]), let id = TimelineEntryID(keys[1]) else { throw .pageTokenInvalid }
        self.init(occurTime: Instant(microseconds: microseconds), id: id)
    }
}
