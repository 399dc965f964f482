import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime

/// Follows contacts' events for erasures: what the tickets of an erased person say goes for good (guarantee 20). What is done
/// here, the job that reports it and the place in the stream are committed together.
struct ErasureFollower: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ContactEvent>, any Error>

    let surroundings: Surroundings
    /// Contacts' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ContactEvent> {
        EventConsumer(
            name: "contacts.tickets", schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of contacts all is read again: what is erased is erased.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    func apply(_ event: ContactEvent, _ transaction: Transaction) async throws {
        guard event.kind == .erased, let tenantID = UUID(id: event.tenantID) else { return }
        let people = event.erasedContactIDs.isEmpty ? [event.contactID] : event.erasedContactIDs
        try await TraceContext.continuing(event.traceparent) {
            try await surroundings.ownWork(tenantID, transaction).erase(
                people.compactMap { UUID(id: $0) }, erasureID: event.erasureID)
        }
    }
}

extension ErasureFollower {
    /// Reads contacts' Watch in the service's own name, across tenants.
    init(_ surroundings: Surroundings, contacts: GRPC.Channel) {
        let client = ContactsServiceClient(contacts)
        self.init(surroundings: surroundings) { cursor in
            let request = ContactsV1.WatchRequest(afterCursor: cursor ?? "", kinds: [.erased])
            return await OutgoingIdentity.asService(for: nil) { ContactStream(responses: client.watch(request)) }
        }
    }

    /// The place behind the last event of contacts.
    static func head(of contacts: GRPC.Channel) async throws -> String {
        let watch = ContactsServiceClient(contacts).watch(ContactsV1.WatchRequest(liveOnly: true))
        for try await response in watch where response.live { return response.cursor }
        throw RPCError(code: .unavailable, message: "contacts' stream ended before it was live")
    }
}

/// Contacts' answers as a consumer takes them.
struct ContactStream: AsyncSequence, Sendable {
    let responses: ResponseStream<ContactsV1.WatchResponse>

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(responses: responses.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var responses: ResponseStream<ContactsV1.WatchResponse>.AsyncIterator

        mutating func next() async throws -> ConsumedItem<ContactEvent>? {
            do {
                guard let response = try await responses.next() else { return nil }
                guard let event = response.event, let tenantID = UUID(id: event.tenantID) else {
                    return .progress(cursor: response.cursor)
                }
                return .event(event, tenantID: tenantID, cursor: response.cursor)
            } catch {
                guard error.code == .outOfRange else { throw error }
                throw EventLogError.outOfRange
            }
        }
    }
}
