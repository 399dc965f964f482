import FoundationEssentials
import Postgres
import WallTime

/// Webhooks and their deliveries, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct WebhookStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Webhooks

extension WebhookStore {
    func webhook(_ id: UUID) async throws -> Webhook? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from channels.webhook
            where tenant_id = \(tenantID) and webhook_id = \(id)
            """
        ).map(Webhook.init(row:)).first
    }

    /// The webhook, locked until the transaction ends.
    func lockedWebhook(_ id: UUID) async throws -> Webhook? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from channels.webhook
            where tenant_id = \(tenantID) and webhook_id = \(id)
            for update
            """
        ).map(Webhook.init(row:)).first
    }

    /// The oldest first.
    func webhooks(after id: UUID?, limit: Int) async throws -> [Webhook] {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from channels.webhook
            where tenant_id = \(tenantID) and (\(id)::uuid is null or webhook_id > \(id))
            order by webhook_id
            limit \(limit)
            """
        ).map(Webhook.init(row:))
    }

    /// Whatever counts a tenant's webhooks happens one after the other, on all replicas.
    func lockCount() async throws {
        let name = "channels.webhooks/\(tenantID)"
        try await transaction.query("select pg_advisory_xact_lock(hashtextextended(\(name), 0))")
    }

    func count() async throws -> Int {
        try await transaction.query("select count(*) from channels.webhook where tenant_id = \(tenantID)")[0].decode(Int.self)
    }

    func insert(_ webhook: Webhook) async throws {
        let w = webhook
        try await transaction.query(
            """
            insert into channels.webhook
                (tenant_id, webhook_id, display_name, url, event_types, state, create_time, update_time)
            values
                (\(tenantID), \(w.id), \(w.name), \(w.url), \(w.eventTypes), \(w.state.rawValue), \(w.createTime),
                 \(w.updateTime))
            """)
    }

    /// Everything of it that people change. The row is locked by the caller.
    func update(_ webhook: Webhook) async throws {
        let w = webhook
        try await transaction.query(
            """
            update channels.webhook
            set display_name = \(w.name), url = \(w.url), event_types = \(w.eventTypes), state = \(w.state.rawValue),
                secret_number = \(w.secretNumber), previous_secret_expire_time = \(w.previousSecretExpires),
                failing_since_time = \(w.failingSince), update_time = \(w.updateTime), version = \(w.version)
            where tenant_id = \(tenantID) and webhook_id = \(w.id)
            """)
    }

    func delete(_ id: UUID) async throws {
        try await transaction.query("delete from channels.webhook where tenant_id = \(tenantID) and webhook_id = \(id)")
    }

    /// Something got through.
    func noteSuccess(_ id: UUID) async throws {
        try await transaction.query(
            """
            update channels.webhook
            set failing_since_time = null
            where tenant_id = \(tenantID) and webhook_id = \(id) and failing_since_time is not null
            """)
    }

    /// Something did not get through: from when on is kept, and after too long the webhook is switched off.
    func noteFailure(_ id: UUID, at now: Instant, limit: Duration) async throws {
        let tooLong = now.advanced(by: .zero - limit)
        try await transaction.query(
            """
            update channels.webhook
            set failing_since_time = coalesce(failing_since_time, \(now)),
                state = case when state = 'active' and failing_since_time <= \(tooLong) then 'failing' else state end
            where tenant_id = \(tenantID) and webhook_id = \(id)
              and (failing_since_time is null or (state = 'active' and failing_since_time <= \(tooLong)))
            """)
    }

    static let columns: SQL = """
        webhook_id, display_name, url, event_types, state, secret_number, previous_secret_expire_time, failing_since_time,
        create_time, update_time, version
        """
}

// MARK: - Deliveries

extension WebhookStore {
    /// Who wants this event: nobody gets what happened before he asked.
    func listeners(to event: WebhookEvent) async throws -> [UUID] {
        try await transaction.query(
            """
            select webhook_id
            from channels.webhook
            where tenant_id = \(tenantID) and state = 'active' and event_types && \([event.type, WebhookNews.all])
              and create_time <= \(event.time)
            order by webhook_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// - Returns: the ids of those that are new.
    func insert(_ deliveries: [WebhookDelivery]) async throws -> [UUID] {
        try await transaction.query(
            """
            insert into channels.webhook_delivery
                (tenant_id, delivery_id, webhook_id, event_id, event_type, subject_id, body, state, event_time, create_time,
                 update_time)
            select
                \(tenantID), new.delivery_id, new.webhook_id, new.event_id, new.event_type, new.subject_id, new.body,
                'pending', new.event_time, new.create_time, new.create_time
            from unnest(
                \(deliveries.map(\.id)), \(deliveries.map(\.webhookID)), \(deliveries.map(\.event.id)),
                \(deliveries.map(\.event.type)), \(deliveries.map(\.event.subjectID)), \(deliveries.map(\.event.body)),
                \(deliveries.map(\.event.time)), \(deliveries.map(\.createTime))
            ) as new (delivery_id, webhook_id, event_id, event_type, subject_id, body, event_time, create_time)
            on conflict on constraint webhook_delivery_is_made_once do nothing
            returning delivery_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    func delivery(_ id: UUID) async throws -> WebhookDelivery? {
        try await transaction.query(
            """
            select \(fragment: Self.deliveryColumns)
            from channels.webhook_delivery
            where tenant_id = \(tenantID) and delivery_id = \(id)
            """
        ).map(WebhookDelivery.init(row:)).first
    }

    /// The delivery, locked until the transaction ends.
    func lockedDelivery(_ id: UUID) async throws -> WebhookDelivery? {
        try await transaction.query(
            """
            select \(fragment: Self.deliveryColumns)
            from channels.webhook_delivery
            where tenant_id = \(tenantID) and delivery_id = \(id)
            for update
            """
        ).map(WebhookDelivery.init(row:)).first
    }

    /// The newest first.
    func deliveries(
        of webhookID: UUID?, _ states: [WebhookDelivery.State], before id: UUID?, limit: Int
    ) async throws -> [WebhookDelivery] {
        try await transaction.query(
            """
            select \(fragment: Self.deliveryColumns)
            from channels.webhook_delivery
            where tenant_id = \(tenantID)
              and (\(webhookID)::uuid is null or webhook_id = \(webhookID))
              and (\(states.isEmpty) or state = any(\(states.map(\.rawValue))))
              and (\(id)::uuid is null or delivery_id < \(id))
            order by delivery_id desc
            limit \(limit)
            """
        ).map(WebhookDelivery.init(row:))
    }

    /// Everything of it that changes. The caller holds its job, or the row.
    func update(_ delivery: WebhookDelivery) async throws {
        let d = delivery
        try await transaction.query(
            """
            update channels.webhook_delivery
            set state = \(d.state.rawValue), replay_count = \(d.replayCount), attempt_count = \(d.attemptCount),
                last_status = \(d.lastStatus), last_error = \(d.lastError), update_time = \(d.updateTime)
            where tenant_id = \(tenantID) and delivery_id = \(d.id)
            """)
    }

    static let deliveryColumns: SQL = """
        delivery_id, webhook_id, event_id, event_type, subject_id, body, state, replay_count, attempt_count, last_status,
        last_error, event_time, create_time, update_time
        """
}

// MARK: - Rows

extension Webhook {
    init(row: Row) throws {
        self.init(
            id: try row["webhook_id"], name: try row["display_name"], url: try row["url"], eventTypes: try row["event_types"],
            state: try State(stored: row["state"]), secretNumber: try row["secret_number"],
            previousSecretExpires: try row["previous_secret_expire_time"], failingSince: try row["failing_since_time"],
            createTime: try row["create_time"], updateTime: try row["update_time"], version: try row["version"])
    }
}

extension WebhookDelivery {
    init(row: Row) throws {
        self.init(
            id: try row["delivery_id"], webhookID: try row["webhook_id"],
            event: WebhookEvent(
                id: try row["event_id"], type: try row["event_type"], subjectID: try row["subject_id"],
                time: try row["event_time"], body: try row["body"]),
            state: try State(stored: row["state"]), replayCount: try row["replay_count"],
            attemptCount: try row["attempt_count"], lastStatus: try row["last_status"], lastError: try row["last_error"],
            createTime: try row["create_time"], updateTime: try row["update_time"])
    }
}
