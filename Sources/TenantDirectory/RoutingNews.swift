import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import RoutingV1
import ServiceDatabase
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
                    WatchedItems(RoutingServiceClient(routing).watch(request), .routing)
                }
            },
            // After a restore of routing all is read again, and what it says now holds.
            outOfRange: { nil }, apply: apply)
    }

    /// The place behind the last event.
    package func head() async throws -> String {
        try await WatchedItems(RoutingServiceClient(routing).watch(.init(liveOnly: true)), .routing).head()
    }
}

extension WatchForm<WatchResponse, RoutingEvent> {
    static var routing: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
