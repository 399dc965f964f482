import EventLog

extension Surroundings {
    /// Runs this service's jobs: messages to providers, and webhooks, apart from each other, so that a slow receiver holds no
    /// message back.
    func jobWorkers() -> [JobWorker] {
        let outbound = OutboundWorker(surroundings: self)
        let webhooks = WebhookWorker(surroundings: self)
        return [
            JobWorker(kinds: [OutboundWorker.kind], schema: Self.schema, pool: tenants.pool, logger: logger) {
                try await outbound.perform($0)
            },
            JobWorker(kinds: [WebhookWorker.kind], schema: Self.schema, pool: tenants.pool, logger: logger) {
                try await webhooks.perform($0)
            },
        ]
    }
}
