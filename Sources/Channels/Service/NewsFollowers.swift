import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceDatabase
import ServiceRuntime
import TemplatesV1
import TicketsV1

extension Surroundings {
    /// Puts an event before the webhooks that want it. Deliveries and jobs are committed with the place in the stream.
    func tell(_ news: WebhookEvent, _ tenantID: UUID, _ transaction: Transaction) async throws {
        let store = WebhookStore(transaction: transaction, tenantID: tenantID)
        let now = clock.now
        let deliveries = try await store.listeners(to: news).map { webhook in
            WebhookDelivery(id: .v7(at: now), webhookID: webhook, event: news, createTime: now, updateTime: now)
        }
        guard !deliveries.isEmpty else { return }
        let made = Set(try await store.insert(deliveries))
        jobs.enqueue(deliveries.filter { made.contains($0.id) }.map { WebhookWorker.job($0, tenantID) }, in: transaction)
    }

    /// Follows a service's events for webhooks.
    /// - Parameter first: what else is done with an event, before.
    fileprivate func follower<Step, News>(
        _ service: String, _ form: WatchForm<Step, News>, _ event: @escaping @Sendable (News) -> WebhookEvent?,
        watch: @escaping @Sendable (_ afterCursor: String) -> ResponseStream<Step>,
        first: @escaping @Sendable (News, UUID, Transaction) async throws -> Void = { _, _, _ in }
    ) -> EventConsumer<News> {
        EventConsumer(
            name: "\(service).channels", schema: Self.schema, pool: tenants.pool, logger: logger,
            source: { _, cursor in
                await OutgoingIdentity.asService(for: nil) { WatchedItems(watch(cursor ?? ""), form) }
            },
            // After a restore all is read again: what was told before is passed over.
            outOfRange: { nil },
            apply: { news, transaction in
                guard let tenantID = UUID(id: form.tenantID(news)) else { return }
                try await first(news, tenantID, transaction)
                if let event = event(news) { try await tell(event, tenantID, transaction) }
            })
    }
}

/// Follows contacts for erasures and webhooks, tickets and templates for webhooks.
struct NewsFollowers: Sendable {
    let contacts: EventConsumer<ContactEvent>
    let tickets: EventConsumer<TicketEvent>
    let templates: EventConsumer<TemplateEvent>
    let settlers: [any Settler]

    init(surroundings: Surroundings, contacts: GRPC.Channel, tickets: GRPC.Channel, templates: GRPC.Channel) {
        let (contactsClient, ticketsClient) = (ContactsServiceClient(contacts), TicketsServiceClient(tickets))
        let templatesClient = TemplatesServiceClient(templates)
        self.contacts = surroundings.follower("contacts", .contacts, { WebhookEvent($0) }) {
            contactsClient.watch(ContactsV1.WatchRequest(afterCursor: $0, kinds: WebhookNews.contacts))
        } first: {
            try await surroundings.erase(for: $0, $1, $2)
        }
        self.tickets = surroundings.follower("tickets", .tickets, { WebhookEvent($0) }) {
            ticketsClient.watch(TicketsV1.WatchRequest(afterCursor: $0, kinds: WebhookNews.tickets))
        }
        self.templates = surroundings.follower("templates", .templates, { WebhookEvent($0) }) {
            templatesClient.watch(TemplatesV1.WatchRequest(afterCursor: $0, kinds: WebhookNews.templates))
        }
        settlers = [
            ConsumerSettler(self.contacts) {
                try await WatchedItems(contactsClient.watch(.init(liveOnly: true)), .contacts).head()
            },
            ConsumerSettler(self.tickets) {
                try await WatchedItems(ticketsClient.watch(.init(liveOnly: true)), .tickets).head()
            },
            ConsumerSettler(self.templates) {
                try await WatchedItems(templatesClient.watch(.init(liveOnly: true)), .templates).head()
            },
        ]
    }
}

extension WatchForm<ContactsV1.WatchResponse, ContactEvent> {
    static var contacts: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}

extension WatchForm<TicketsV1.WatchResponse, TicketEvent> {
    static var tickets: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}

extension WatchForm<TemplatesV1.WatchResponse, TemplateEvent> {
    static var templates: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
