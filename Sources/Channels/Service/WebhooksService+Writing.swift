import ChannelsV1
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime

extension WebhooksService {
    func createWebhook(_ request: CreateWebhookRequest, _ context: ServerContext) async throws -> CreateWebhookResponse {
        var violations = Violations()
        violations.require(request.webhook != nil, "webhook", "is required", reason: "REQUIRED")
        let wire = request.webhook ?? ChannelsV1.Webhook()
        violations.webhook(wire, WebhookReading.writable, allowsLoopback: surroundings.webhooks.allowsLoopback)
        _ = violations.id(request.requestID, "request_id")
        try violations.check()
        let (tenantID, now) = (try context.tenantID, surroundings.clock.now)
        var response = try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            let store = WebhookStore(transaction: transaction, tenantID: tenantID)
            try await store.lockCount()
            guard try await store.count() < Webhook.perTenantMax else { throw ChannelsError.webhooksMax }
            var webhook = Webhook(
                id: .v7(at: now), name: wire.displayName, url: wire.url, eventTypes: wire.eventTypes, createTime: now,
                updateTime: now)
            webhook.set(disabled: wire.disabled)
            try await store.insert(webhook)
            try surroundings.audit(context, webhook.id.text, in: transaction)
            return CreateWebhookResponse(webhook: webhook.wire)
        }
        // Not inside: the stored answer holds no secret.
        if let id = response.webhook.flatMap({ UUID(id: $0.webhookID) }) {
            response.secret = try surroundings.webhooks.secrets.secret(1, of: id, tenantID: tenantID)
        }
        return response
    }

    func updateWebhook(_ request: UpdateWebhookRequest, _ context: ServerContext) async throws -> UpdateWebhookResponse {
        var violations = Violations()
        violations.require(request.webhook != nil, "webhook", "is required", reason: "REQUIRED")
        let wire = request.webhook ?? ChannelsV1.Webhook()
        let id = violations.id(wire.webhookID, "webhook.webhook_id")
        _ = violations.id(request.requestID, "request_id")
        violations.bounds(of: wire)
        try violations.check()
        let mask = try UpdateMask(
            request.updateMask, writable: WebhookReading.writable, outputOnly: WebhookReading.outputOnly,
            populated: WebhookReading.populated(wire))
        var named = Violations()
        named.webhook(wire, mask.paths, allowsLoopback: surroundings.webhooks.allowsLoopback)
        try named.check()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            var webhook = try await changed(id, version, context, transaction)
            webhook.take(mask, from: wire)
            try await WebhookStore(transaction: transaction, tenantID: try context.tenantID).update(webhook)
            try surroundings.audit(context, id.text, paths: mask.paths.sorted(), in: transaction)
            return UpdateWebhookResponse(webhook: webhook.wire)
        }
    }

    func deleteWebhook(_ request: DeleteWebhookRequest, _ context: ServerContext) async throws -> DeleteWebhookResponse {
        var violations = Violations()
        let id = violations.id(request.webhookID, "webhook_id")
        _ = violations.id(request.requestID, "request_id")
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            _ = try await changed(id, version, context, transaction)
            try await WebhookStore(transaction: transaction, tenantID: try context.tenantID).delete(id)
            try surroundings.audit(context, id.text, in: transaction)
            return DeleteWebhookResponse()
        }
    }

    func rotateWebhookSecret(
        _ request: RotateWebhookSecretRequest, _ context: ServerContext
    ) async throws -> RotateWebhookSecretResponse {
        var violations = Violations()
        let id = violations.id(request.webhookID, "webhook_id")
        _ = violations.id(request.requestID, "request_id")
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)
        let tenantID = try context.tenantID
        let secrets = surroundings.webhooks.secrets
        var response = try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            var webhook = try await changed(id, version, context, transaction)
            webhook.secretNumber += 1
            webhook.previousSecretExpires = webhook.updateTime.advanced(by: Webhook.overlap)
            try await WebhookStore(transaction: transaction, tenantID: tenantID).update(webhook)
            try surroundings.audit(context, id.text, in: transaction)
            // The number, which the secret is made from once the answer is stored: that holds no secret.
            return RotateWebhookSecretResponse(webhook: webhook.wire, secret: "\(webhook.secretNumber)")
        }
        if let number = Int(response.secret) { response.secret = try secrets.secret(number, of: id, tenantID: tenantID) }
        return response
    }

    func replayWebhookDelivery(
        _ request: ReplayWebhookDeliveryRequest, _ context: ServerContext
    ) async throws -> ReplayWebhookDeliveryResponse {
        var violations = Violations()
        let id = violations.id(request.deliveryID, "delivery_id")
        _ = violations.id(request.requestID, "request_id")
        try violations.check()
        let (tenantID, now) = (try context.tenantID, surroundings.clock.now)
        return try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            let store = WebhookStore(transaction: transaction, tenantID: tenantID)
            guard var delivery = try await store.lockedDelivery(id) else { throw ChannelsError.webhookDeliveryNotFound(id) }
            guard delivery.state != .pending else { throw ChannelsError.webhookDeliveryPending(id) }
            guard let webhook = try await store.webhook(delivery.webhookID), webhook.state == .active else {
                throw ChannelsError.webhookDisabled(delivery.webhookID)
            }
            delivery.state = .pending
            delivery.replayCount += 1
            delivery.attemptCount = 0
            delivery.updateTime = now
            try await store.update(delivery)
            try surroundings.audit(context, id.text, in: transaction)
            surroundings.jobs.enqueue([WebhookWorker.job(delivery, tenantID)], in: transaction)
            return ReplayWebhookDeliveryResponse(delivery: delivery.wire)
        }
    }

    /// The webhook, locked, at its next version.
    private func changed(
        _ id: UUID, _ version: Int64?, _ context: ServerContext, _ transaction: Transaction
    ) async throws -> Webhook {
        let store = WebhookStore(transaction: transaction, tenantID: try context.tenantID)
        guard var webhook = try await store.lockedWebhook(id) else { throw ChannelsError.webhookNotFound(id) }
        if let version, version != webhook.version { throw Failure.etagMismatch }
        webhook.version += 1
        webhook.updateTime = surroundings.clock.now
        return webhook
    }
}

extension Webhook {
    fileprivate mutating func take(_ mask: UpdateMask, from wire: ChannelsV1.Webhook) {
        if mask.contains("display_name") { name = wire.displayName }
        if mask.contains("url") { url = wire.url }
        if mask.contains("event_types") { eventTypes = wire.eventTypes }
        if mask.contains("disabled") { set(disabled: wire.disabled) }
    }
}
