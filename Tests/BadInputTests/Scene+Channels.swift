import ChannelsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

/// Messages on their way to a provider, and webhooks. Nothing of it is carried anywhere: there are no jobs for it.
extension Scene {
    private var webhooks: WebhooksServiceClient { WebhooksServiceClient(place.side("channels").channel) }

    mutating func makeInChannels(_ kind: Kind) async throws {
        switch kind {
        case .outbound:
            for _ in 0..<2 { names["outbound"] = try await place.queueMessage(for: tenant) }
        default:
            let own = try await options("admin", to: "channels")
            // No more of them than a tenant may have, however often this is made.
            try await place.removeWebhooks(of: tenant)
            for _ in 0..<2 {
                let made = try await webhooks.createWebhook(
                    CreateWebhookRequest(
                        webhook: Webhook(
                            displayName: "Orders", url: "http://127.0.0.1:1/\(UUID().text)",
                            eventTypes: ["conversation.created"]), requestID: UUID().text), own
                ).webhook
                (names["webhook"], names["hookTag"]) = (made?.webhookID, made?.etag)
                for _ in 0..<2 { names["hookDelivery"] = try await place.makeWebhookDelivery(of: made?.webhookID, for: tenant) }
            }
        }
    }

    /// - Returns: whether the call is about something of channels.
    func bumpInChannels() async throws -> Bool {
        guard let id = names["webhook"] else { return names["outbound"] != nil }
        _ = try await webhooks.updateWebhook(
            UpdateWebhookRequest(webhook: Webhook(webhookID: id, displayName: .word), requestID: UUID().text),
            try await options("admin", to: "channels"))
        return true
    }
}

extension Place {
    fileprivate func queueMessage(for tenant: People.Tenant) async throws -> String {
        let id = UUID.v7(at: .now)
        _ = try await administrator.query(
            """
            insert into channels.outbound
                (tenant_id, message_id, conversation_id, channel_account_id, status, create_time, update_time)
            values (\(tenant.id), \(id), \(UUID()), \(tenant.phoneAccount), 'queued', now(), now())
            """)
        return id.text
    }

    fileprivate func removeWebhooks(of tenant: People.Tenant) async throws {
        _ = try await administrator.query("delete from channels.webhook where tenant_id = \(tenant.id)")
    }

    fileprivate func makeWebhookDelivery(of webhook: String?, for tenant: People.Tenant) async throws -> String {
        let (id, webhookID) = (UUID.v7(at: .now), try #require(webhook.flatMap { UUID(uuidString: $0) }))
        // Nobody answers there, which is known: what a replay comes to changes no more than the delivery.
        _ = try await administrator.query(
            "update channels.webhook set failing_since_time = now() where webhook_id = \(webhookID)")
        _ = try await administrator.query(
            """
            insert into channels.webhook_delivery
                (tenant_id, delivery_id, webhook_id, event_id, event_type, subject_id, body, state, event_time, create_time,
                 update_time)
            values
                (\(tenant.id), \(id), \(webhookID), \(UUID().text), 'conversation.created', \(UUID()), '{}', 'dead', now(), now(),
                 now())
            """)
        return id.text
    }
}

extension Example {
    static let channels: [String: Example] = [
        "channels.v1.OutboundService/ListOutboundDeliveries": Example(.outbound, "{}"),
        "channels.v1.OutboundService/GetOutboundDelivery": Example(.outbound, #"{"messageId": "$outbound"}"#),
        "channels.v1.OutboundService/RetryOutboundDelivery": Example(.outbound, #"{"messageId": "$outbound"}"#),
        "channels.v1.WebhooksService/CreateWebhook": Example(
            .webhook,
            #"""
            {"webhook": {"displayName": "$word", "url": "http://127.0.0.1:1/in", "eventTypes": ["conversation.created"]}}
            """#),
        "channels.v1.WebhooksService/GetWebhook": Example(.webhook, #"{"webhookId": "$webhook"}"#),
        "channels.v1.WebhooksService/ListWebhooks": Example(.webhook, "{}"),
        "channels.v1.WebhooksService/UpdateWebhook": Example(
            .webhook,
            #"{"webhook": {"webhookId": "$webhook", "displayName": "$word"}, "updateMask": "displayName", "etag": "$hookTag"}"#),
        "channels.v1.WebhooksService/DeleteWebhook": Example(.webhook, #"{"webhookId": "$webhook", "etag": "$hookTag"}"#),
        "channels.v1.WebhooksService/RotateWebhookSecret": Example(
            .webhook, #"{"webhookId": "$webhook", "etag": "$hookTag"}"#),
        "channels.v1.WebhooksService/ListWebhookDeliveries": Example(.webhook, "{}"),
        "channels.v1.WebhooksService/ListAuditEntries": Example(.webhook, "{}"),
        "channels.v1.WebhooksService/ReplayWebhookDelivery": Example(.webhook, #"{"deliveryId": "$hookDelivery"}"#),
    ]
}
