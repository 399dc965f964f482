import FoundationEssentials
import GRPC
import ServiceRuntime

/// Every refusal of this service. The contract documents each. What the surroundings do wrong (the database, the network) is
/// none of them.
enum ChannelsError: Error, Sendable, Hashable {
    case deliveryNotFound(UUID)
    case deliveryEnded(UUID, OutboundStatus)
    case webhookNotFound(UUID)
    case webhooksMax
    case webhookDeliveryNotFound(UUID)
    case webhookDeliveryPending(UUID)
    case webhookDisabled(UUID)
}

extension ChannelsError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code.
    var failure: Failure {
        switch self {
        case .deliveryNotFound(let id): .notFound("outbound delivery", id.text)
        case .deliveryEnded(let id, let status):
            .state(
                "OUTBOUND_DELIVERY_ENDED", "the message is \(status.rawValue)",
                ["message_id": id.text, "status": status.rawValue])
        case .webhookNotFound(let id): .notFound("webhook", id.text)
        case .webhooksMax:
            Failure(
                .resourceExhausted, reason: "WEBHOOKS_MAX", "a tenant has at most \(Webhook.perTenantMax) webhooks",
                metadata: ["max": "\(Webhook.perTenantMax)"])
        case .webhookDeliveryNotFound(let id): .notFound("webhook delivery", id.text)
        case .webhookDeliveryPending(let id):
            .state("WEBHOOK_DELIVERY_PENDING", "the delivery has not ended", ["delivery_id": id.text])
        case .webhookDisabled(let id):
            .state("WEBHOOK_DISABLED", "the webhook gets no news: switch it on first", ["webhook_id": id.text])
        }
    }
}

extension Failure {
    fileprivate static func state(_ reason: String, _ message: String, _ metadata: [String: String]) -> Failure {
        Failure(
            .failedPrecondition, reason: reason, message, metadata: metadata,
            preconditions: [.init(type: reason, subject: metadata.values.sorted().first ?? "", description: message)])
    }
}
