import EventLog
import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// Sends one event to one subscription (guarantee 12): at least once, the same body and event id at every attempt. The job
/// ends when the receiver took it, or when it goes to the dead letters; only then the next one of its subject goes.
struct WebhookWorker: Sendable {
    static let kind = "webhook"

    let surroundings: Surroundings

    static func job(_ delivery: WebhookDelivery, _ tenantID: UUID) -> NewJob {
        NewJob(
            tenantID: tenantID, kind: kind, cause: delivery.cause, payload: Array(delivery.id.text.utf8),
            orderingKey: delivery.orderingKey)
    }

    func perform(_ job: Job) async throws -> JobOutcome {
        guard let id = UUID(id: String(decoding: job.payload, as: UTF8.self)),
            let (delivery, webhook) = try await find(id, job.tenantID), delivery.state == .pending
        else { return .done() }
        guard webhook.state == .active else { return end(delivery, .dead, error: "WEBHOOK_DISABLED", job) }
        let refusal: WebhookClient.Refusal
        do {
            let status = try await send(delivery, to: webhook, job)
            return end(delivery, .delivered, status: status, attempts: 1, job)
        } catch let error as WebhookClient.Refusal {
            refusal = error
        }
        let (reason, status) = (refusal.reason.rawValue, refusal.status)
        guard let pause = surroundings.webhooks.plan.pause(afterAttempts: delivery.attemptCount + 1) else {
            return end(delivery, .dead, error: reason, status: status, attempts: 1, job)
        }
        let kept = delivery.noted(.pending, error: reason, status: status, attempts: 1, at: surroundings.clock.now)
        try await surroundings.jobs.advance(job) { transaction in
            try await keep(kept, in: transaction, job.tenantID)
        }
        return .retry(after: pause)
    }

    private func find(_ id: UUID, _ tenantID: UUID) async throws -> (WebhookDelivery, Webhook)? {
        try await surroundings.tenants.transaction(as: tenantID, readOnly: true) { transaction in
            let store = WebhookStore(transaction: transaction, tenantID: tenantID)
            guard let delivery = try await store.delivery(id), let webhook = try await store.webhook(delivery.webhookID) else {
                return nil
            }
            return (delivery, webhook)
        }
    }

    private func send(_ delivery: WebhookDelivery, to webhook: Webhook, _ job: Job) async throws -> Int {
        let (now, settings) = (surroundings.clock.now, surroundings.webhooks)
        let secrets = try webhook.signingNumbers(at: now).map { number throws(Failure) in
            try settings.secrets.secret(number, of: webhook.id, tenantID: job.tenantID)
        }
        let body = Array(delivery.event.body.utf8)
        return try await settings.client.post(
            body, to: webhook.url,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "switchboard-channels"),
                ("Switchboard-Event-Id", delivery.event.id), ("Switchboard-Delivery-Id", delivery.id.text),
                ("Switchboard-Attempt", "\(delivery.attemptCount + 1)"),
                (WebhookSignature.header, WebhookSignature(body, secrets: secrets, at: now).value),
            ])
    }

    private func end(
        _ delivery: WebhookDelivery, _ state: WebhookDelivery.State, error: String = "", status: Int = 0, attempts: Int = 0,
        _ job: Job
    ) -> JobOutcome {
        let ended = delivery.noted(state, error: error, status: status, attempts: attempts, at: surroundings.clock.now)
        return .done { transaction in try await keep(ended, in: transaction, job.tenantID) }
    }

    private func keep(_ delivery: WebhookDelivery, in transaction: Transaction, _ tenantID: UUID) async throws {
        let store = WebhookStore(transaction: transaction, tenantID: tenantID)
        try await store.update(delivery)
        if delivery.state == .delivered {
            try await store.noteSuccess(delivery.webhookID)
        } else {
            try await store.noteFailure(delivery.webhookID, at: delivery.updateTime, limit: Webhook.failingMax)
        }
    }
}

extension WebhookDelivery {
    /// The delivery after an attempt.
    fileprivate func noted(_ state: State, error: String, status: Int, attempts: Int, at now: Instant) -> WebhookDelivery {
        var noted = self
        noted.state = state
        noted.attemptCount += attempts
        noted.lastStatus = status
        noted.lastError = error
        noted.updateTime = now
        return noted
    }
}
