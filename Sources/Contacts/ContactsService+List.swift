import ContactsV1
import GRPC
import ServiceRuntime
import WallTime

extension ContactsService {
    func listContacts(_ request: ListContactsRequest, _ context: ServerContext) async throws -> ListContactsResponse {
        let limit = try pageSize(request.pageSize)
        let filter = try ContactFilter(reading: request.filter)
        guard let order = ContactOrder(request.orderBy) else { throw ContactsError.orderByInvalid }
        let arguments = ["ListContacts", try context.tenantID.text, request.filter, request.orderBy]
        let place = try pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
            .map { (keys) throws(Failure) in try ContactPlace(keys: keys, in: order) }

        // One more than asked for tells whether there is a next page.
        let found = try await reading(context) { store in
            try filter.check(hidden: try await hiddenKeys(store, context))
            return try await shown(store.contacts(filter, order, after: place, limit: limit + 1), store, context)
        }
        let page = found.prefix(limit)
        var response = ListContactsResponse(contacts: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = pageTokens.token(after: ContactPlace(of: last, in: order).keys, arguments: arguments)
        }
        return response
    }
}

extension ContactFilter {
    init(reading text: String) throws(ContactsError) {
        do {
            try self.init(text)
        } catch {
            throw .filterInvalid(error)
        }
    }
}

/// A place as the keys of a page token.
extension ContactPlace {
    fileprivate var keys: [String] {
        switch key {
        case .name(let name): [name, id.description]
        case .time(let time): [time.map { "\($0.microseconds)" } ?? "", id.description]
        }
    }

    fileprivate init(keys: [String], in order: ContactOrder) throws(Failure) {
        guard let id = ContactID(keys[1]) else { throw .pageTokenInvalid }
        switch order.field {
        case .displayName:
            self.init(key: .name(keys[0]), id: id)
        case .createTime, .updateTime, .lastActivityTime:
            guard !keys[0].isEmpty else {
                self.init(key: .time(nil), id: id)
                return
            }
            guard let microseconds = Int64(keys[0]) else { throw .pageTokenInvalid }
            self.init(key: .time(Instant(microseconds: microseconds)), id: id)
        }
    }
}
