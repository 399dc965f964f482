import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import RoutingV1
import ServiceRuntime

/// Routing's events, as a service with a schema follows them: in its own name, across tenants.
package struct RoutingNews: Sendable {
    let routing: Channel

    package init(_ routing: Channel) {
        self.routing = routing
    }

    /// Follows the events of these kinds (none named: all), from the oldest that is kept. Each event brings its row as it is
    /// now, so that one that comes twice changes nothing.
    package func consumer(
        name: String, schema: String, pool: PostgresPool, kinds: [RoutingEventKind] = [], logger: Logger,
        apply: @escaping @Sendable (RoutingEvent, Transaction) async throws -> Void
    ) -> EventConsumer<RoutingEvent> {
        EventConsumer(
            name: name, schema: schema, pool: pool, logger: logger,
            source: { [routing] _, cursor in
                let request = WatchRequest(afterCursor: cursor ?? "", kinds: kinds)
                return await OutgoingIdentity.asService(for: nil) {
                    RoutingStream(responses: RoutingServiceClient(routing).watch(request))
                }
            },
            // After a restore of routing all is read again, and what it says now holds.
            outOfRange: { nil }, apply: apply)
    }

    /// The place behind the last event.
    package func head() async throws -> String {
        let watch = RoutingServiceClient(routing).watch(WatchRequest(liveOnly: true))
        for try await response in watch where response.live { return response.cursor }
        throw RPCError(code: .unavailable, message: "routing's stream ended before it was live")
    }
}

/// Routing's answers as a consumer takes them.
private struct RoutingStream: AsyncSequence, Sendable {
    let responses: ResponseStream<WatchResponse>

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(responses: responses.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var responses: ResponseStream<WatchResponse>.AsyncIterator

        mutating func next() async throws -> ConsumedItem<RoutingEvent>? {
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
