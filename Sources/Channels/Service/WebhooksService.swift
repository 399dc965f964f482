import ChannelsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// The RPCs of webhooks (guarantee 12).
struct WebhooksService: WebhooksServiceProtocol {
    let surroundings: Surroundings
}

// MARK: - Reading

extension WebhooksService {
    func getWebhook(_ request: GetWebhookRequest, _ context: ServerContext) async throws -> GetWebhookResponse {
        var violations = Violations()
        let id = violations.id(request.webhookID, "webhook_id")
        try violations.check()
        let tenantID = try context.tenantID
        let found = try await surroundings.tenants.reading(context) { transaction in
            try await WebhookStore(transaction: transaction, tenantID: tenantID).webhook(id)
        }
        guard let found else { throw ChannelsError.webhookNotFound(id) }
        return GetWebhookResponse(webhook: found.wire)
    }

    func listWebhooks(_ request: ListWebhooksRequest, _ context: ServerContext) async throws -> ListWebhooksResponse {
        let limit = try pageSize(request.pageSize)
        let tenantID = try context.tenantID
        let arguments = ["ListWebhooks", tenantID.text]
        let place = try surroundings.pageTokens.id(request.pageToken, arguments: arguments)
        let found = try await surroundings.tenants.reading(context) { transaction in
            try await WebhookStore(transaction: transaction, tenantID: tenantID).webhooks(after: place, limit: limit + 1)
        }
        var response = ListWebhooksResponse(webhooks: found.prefix(limit).map(\.wire))
        if found.count > limit {
            response.nextPageToken = surroundings.pageTokens.token(after: [found[limit - 1].id.text], arguments: arguments)
        }
        return response
    }

    func listWebhookDeliveries(
        _ request: ListWebhookDeliveriesRequest, _ context: ServerContext
    ) async throws -> ListWebhookDeliveriesResponse {
        var violations = Violations()
        let webhookID = violations.optionalID(request.webhookID, "webhook_id")
        let states = violations.states(request.states, "states")
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let tenantID = try context.tenantID
        let arguments = [
            "ListWebhookDeliveries", tenantID.text, request.webhookID, states.map(\.rawValue).joined(separator: ","),
        ]
        let place = try surroundings.pageTokens.id(request.pageToken, arguments: arguments)
        let found = try await surroundings.tenants.reading(context) { transaction in
            try await WebhookStore(transaction: transaction, tenantID: tenantID)
                .deliveries(of: webhookID, states, before: place, limit: limit + 1)
        }
        var response = ListWebhookDeliveriesResponse(deliveries: found.prefix(limit).map(\.wire))
        if found.count > limit {
            response.nextPageToken = surroundings.pageTokens.token(after: [found[limit - 1].id.text], arguments: arguments)
        }
        return response
    }
}
