import ContactsV1
import GRPC
import ServiceRuntime
import WallTime

// Merging, and its undoing (C36, guarantee 15).
extension ContactsService {
    func mergeContacts(_ request: MergeContactsRequest, _ context: ServerContext) async throws -> MergeContactsResponse {
        var reading = RequestReading()
        let survivor: ContactID = reading.id(request.survivingContactID, "surviving_contact_id")
        let merged: ContactID = reading.id(request.mergedContactID, "merged_contact_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let merge = try await changes.merge(merged, into: survivor, version: version)
            changes.audit(merge.id.description)
            return MergeContactsResponse(merge: try merge.wire(hiding: try await hiddenKeys(changes.store, context)))
        }
    }

    func unmergeContacts(_ request: UnmergeContactsRequest, _ context: ServerContext) async throws -> UnmergeContactsResponse {
        var reading = RequestReading()
        let id: MergeID = reading.id(request.mergeID, "merge_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let merge = try await changes.unmerge(id, version: version)
            changes.audit(id.description)
            return UnmergeContactsResponse(merge: try merge.wire(hiding: try await hiddenKeys(changes.store, context)))
        }
    }

    func getMerge(_ request: GetMergeRequest, _ context: ServerContext) async throws -> GetMergeResponse {
        var reading = RequestReading()
        let id: MergeID = reading.id(request.mergeID, "merge_id")
        try reading.finish()

        return try await self.reading(context) { store in
            guard let merge = try await store.merge(id) else { throw ContactsError.mergeNotFound(id) }
            return GetMergeResponse(merge: try merge.wire(hiding: try await hiddenKeys(store, context)))
        }
    }

    func listMerges(_ request: ListMergesRequest, _ context: ServerContext) async throws -> ListMergesResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListMerges", request.contactID]
        let place = try pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
            .map { (keys) throws(Failure) in try MergePlace(keys: keys) }

        return try await self.reading(context) { store in
            guard try await store.contact(id) != nil else { throw ContactsError.contactNotFound(id) }
            let (found, hidden) = (
                try await store.merges(of: id, after: place, limit: limit + 1), try await hiddenKeys(store, context)
            )
            let page = found.prefix(limit)
            var response = ListMergesResponse(merges: try page.map { try $0.wire(hiding: hidden) })
            if found.count > limit, let last = page.last {
                response.nextPageToken = pageTokens.token(after: last.place.keys, arguments: arguments)
            }
            return response
        }
    }
}

extension Merge {
    fileprivate var place: MergePlace { MergePlace(mergeTime: mergeTime, id: id) }
}

extension MergePlace {
    fileprivate var keys: [String] { ["\(mergeTime.microseconds)", id.description] }

    fileprivate init(keys: [String]) throws(Failure) {
        guard let microseconds = Int64(keys[0]), let id = MergeID(keys[1]) else { throw .pageTokenInvalid }
        self.init(mergeTime: Instant(microseconds: microseconds), id: id)
    }
}
