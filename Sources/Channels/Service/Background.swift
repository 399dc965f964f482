import EventLog

extension Surroundings {
    /// Messages, and events, that one process sends at the same time: they wait for others most of it.
    static let concurrency = 8

    /// Runs this service's jobs: messages to providers, and webhooks, apart from each other, so that a slow receiver holds no
    /// message back.
    func jobWorkers() -> [JobWorker] {
        let outbound = OutboundWorker(surroundings: self)
        let webhooks = WebhookWorker(surroundings: self)
        return [
            JobWorker(
                kinds: [OutboundWorker.kind], schema: Self.schema, pool: tenants.pool, concurrency: Self.concurrency,
                logger: logger
            ) {
                try await outbound.perform($0)
            },
            JobWorker(
                kinds: [WebhookWorker.kind], schema: Self.schema, pool: tenants.pool, concurrency: Self.concurrency,
                logger: logger
            ) {
                try await webhooks.perform($0)
            },
        ]
    }
}
