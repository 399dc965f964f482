import ContactsV1
import GRPC
import Protobuf
import ServiceRuntime

extension ContactPrivacyService {
    /// One JSON document: the contact and those merged into it, then each of their lists, page by page.
    func exportContactData(
        _ request: ExportContactDataRequest, _ responses: ResponseWriter<ExportContactDataResponse>, _ context: ServerContext
    ) async throws {
        try await exportContactData(request, context) { chunk in
            try await responses.write(ExportContactDataResponse(chunk: chunk))
        }
    }

    func exportContactData(
        _ request: ExportContactDataRequest, _ context: ServerContext, write: @escaping ([UInt8]) async throws -> Void
    ) async throws {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        try reading.finish()

        let (family, contacts) = try await self.reading(context) { store in
            guard try await store.contact(id) != nil else { throw ContactsError.contactNotFound(id) }
            let family = try await store.family(of: id)
            let contacts = try await store.contacts(family)
            // A document that claims to be whole must be.
            guard try await shown(contacts, store, context) == contacts else {
                throw Failure.permissionDenied(Permission.contactsReadSensitive.rawValue)
            }
            return (family, contacts)
        }
        let document = DataDocument(service: self, context: context, send: write)
        try await document.write("{\"contacts\":[\(contacts.map { $0.wire.jsonString() }.joined(separator: ","))]")
        try await document.list("linkedObjects", place: \.objectPlace, wire: \.wire) { store, place, limit in
            try await store.linkedObjects(of: family, after: place, limit: limit)
        }
        try await document.list("consents", place: \.privacyPlace, wire: \.wire) { store, place, limit in
            try await store.consents(of: family, after: place, limit: limit)
        }
        try await document.list("timelineEntries", place: \.timelinePlace, wire: \.wire) { store, place, limit in
            try await store.timeline(of: family, kinds: [], after: place, limit: limit)
        }
        for contactID in family {
            try await document.list("merges.\(contactID)", place: \.mergePlace, wire: \.everything) { store, place, limit in
                try await store.merges(of: contactID, after: place, limit: limit)
            }
        }
        try await document.write("}")
    }
}

/// A JSON document under way: no more than a page of it is kept.
private struct DataDocument {
    static let pageSize = 200

    let service: ContactPrivacyService
    let context: ServerContext
    let send: ([UInt8]) async throws -> Void

    func write(_ text: String) async throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            try await send(Array(bytes.prefix(ContactsService.chunkBytesMax)))
            bytes = bytes.dropFirst(ContactsService.chunkBytesMax)
        }
    }

    func list<Item: Sendable, Place: Sendable, Wire: Message>(
        _ name: String, place: (Item) -> Place, wire: (Item) -> Wire,
        _ read: (ContactStore, Place?, Int) async throws -> [Item]
    ) async throws {
        var (last, separator) = (Place?.none, ",\"\(name)\":[")
        repeat {
            let page = try await service.reading(context) { [last] store in try await read(store, last, Self.pageSize) }
            for item in page {
                try await write(separator + wire(item).jsonString())
                separator = ","
            }
            last = page.count < Self.pageSize ? nil : page.last.map(place)
        } while last != nil
        try await write(separator == "," ? "]" : separator + "]")
    }
}

extension LinkedObject {
    fileprivate var objectPlace: LinkedObjectPlace { LinkedObjectPlace(createTime: createTime, id: id) }
}

extension Consent {
    fileprivate var privacyPlace: PrivacyPlace { PrivacyPlace(time: statementTime, id: id.uuid) }
}

extension TimelineEntry {
    fileprivate var timelinePlace: TimelinePlace { TimelinePlace(occurTime: occurTime, id: id) }
}

extension Merge {
    fileprivate var mergePlace: MergePlace { MergePlace(mergeTime: mergeTime, id: id) }

    /// Bytes that this service wrote can be read.
    fileprivate var everything: ContactsV1.Merge { (try? wire(hiding: [])) ?? ContactsV1.Merge(mergeID: id.description) }
}
