import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime

extension ContactsService {
    func watch(
        _ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext
    ) async throws {
        context.endAtDrain()
        var reading = RequestReading()
        let kinds = reading.eventKinds(request.kinds, "kinds")
        reading.require(!request.liveOnly || request.afterCursor.isEmpty, "live_only", "excludes after_cursor")
        try reading.finish()
        // A service that works for no one tenant sees all of them.
        let filter = EventFilter(tenantID: try context.principal.tenantID, kinds: Set(kinds.map(\.rawValue)))
        let start = request.liveOnly ? try await eventLog.head() : try cursor(request.afterCursor)

        do {
            for try await batch in eventLog.batches(after: start, filter) {
                for response in try await joined(batch, context) { try await responses.write(response) }
            }
        } catch EventLogError.outOfRange {
            throw ContactsError.cursorOutOfRange
        }
    }

    private func cursor(_ text: String) throws(ContactsError) -> Cursor? {
        if text.isEmpty { return nil }
        guard let cursor = Cursor(text) else { throw .cursorMalformed }
        return cursor
    }

    /// The batch's events with their contacts as they are now, then how far the log has been read.
    private func joined(_ batch: EventBatch, _ context: ServerContext) async throws -> [WatchResponse] {
        var contacts: [ContactID: Contact] = [:]
        for (tenantID, events) in Dictionary(grouping: batch.events, by: \.tenantID) {
            let ids = Set(events.map { ContactID($0.subjectID) })
            let found = try await pool.transaction(.reading(as: tenantID)) { transaction in
                let store = ContactStore(transaction: transaction, tenantID: tenantID)
                return try await shown(try await store.contacts(Array(ids)), store, context)
            }
            for contact in found { contacts[contact.id] = contact }
        }
        var responses = batch.events.compactMap { event -> WatchResponse? in
            guard let wire = ContactEvent(event)?.wire(event, contacts[ContactID(event.subjectID)]) else { return nil }
            return WatchResponse(cursor: event.cursor.description, event: wire)
        }
        let end = batch.cursor.description
        if batch.isLive || responses.last?.cursor != end {
            responses.append(WatchResponse(cursor: end, live: batch.isLive))
        }
        return responses
    }
}
