import ChannelsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// The queue to providers, for who looks after it.
struct OutboundService: OutboundServiceProtocol {
    static let statusesMax = 10

    let surroundings: Surroundings

    func getOutboundDelivery(
        _ request: GetOutboundDeliveryRequest, _ context: ServerContext
    ) async throws -> GetOutboundDeliveryResponse {
        var violations = Violations()
        let id = violations.id(request.messageID, "message_id")
        try violations.check()
        let tenantID = try context.tenantID
        let found = try await surroundings.tenants.reading(context) { transaction in
            try await OutboundStore(transaction: transaction, tenantID: tenantID).delivery(id)
        }
        guard let found else { throw ChannelsError.deliveryNotFound(id) }
        return GetOutboundDeliveryResponse(delivery: found.wire)
    }

    func listOutboundDeliveries(
        _ request: ListOutboundDeliveriesRequest, _ context: ServerContext
    ) async throws -> ListOutboundDeliveriesResponse {
        var violations = Violations()
        var filter = OutboundFilter()
        filter.conversationID = violations.optionalID(request.conversationID, "conversation_id")
        filter.channelAccountID = violations.optionalID(request.channelAccountID, "channel_account_id")
        filter.statuses = violations.known(request.statuses, "statuses", max: Self.statusesMax, OutboundStatus.init)
        try violations.check()
        let limit = try pageSize(request.pageSize)
        let tenantID = try context.tenantID
        let arguments = [
            "ListOutboundDeliveries", tenantID.text, request.conversationID, request.channelAccountID,
            filter.statuses.map(\.rawValue).joined(separator: ","),
        ]
        let place = try surroundings.pageTokens.id(request.pageToken, arguments: arguments)
        let found = try await surroundings.tenants.reading(context) { [filter] transaction in
            try await OutboundStore(transaction: transaction, tenantID: tenantID)
                .deliveries(filter, before: place, limit: limit + 1)
        }
        var response = ListOutboundDeliveriesResponse(deliveries: found.prefix(limit).map(\.wire))
        if found.count > limit {
            response.nextPageToken = surroundings.pageTokens.token(
                after: [found[limit - 1].messageID.text], arguments: arguments)
        }
        return response
    }

    func retryOutboundDelivery(
        _ request: RetryOutboundDeliveryRequest, _ context: ServerContext
    ) async throws -> RetryOutboundDeliveryResponse {
        var violations = Violations()
        let id = violations.id(request.messageID, "message_id")
        _ = violations.id(request.requestID, "request_id")
        try violations.check()
        let tenantID = try context.tenantID
        return try await surroundings.tenants.changing(request, \.requestID, context) { transaction in
            guard let delivery = try await OutboundStore(transaction: transaction, tenantID: tenantID).delivery(id) else {
                throw ChannelsError.deliveryNotFound(id)
            }
            guard delivery.status == .queued else { throw ChannelsError.deliveryEnded(id, delivery.status) }
            let job = OutboundWorker.job(delivery, tenantID)
            try surroundings.audit(context, id.text, in: transaction)
            try await surroundings.jobs.hasten(tenantID: tenantID, kind: job.kind, cause: job.cause, in: transaction)
            return RetryOutboundDeliveryResponse(delivery: delivery.wire)
        }
    }
}

extension PageTokens {
    /// The id after which a page begins; nil for the first.
    func id(_ token: String, arguments: [String]) throws(Failure) -> UUID? {
        guard let keys = try keys(of: token, count: 1, arguments: arguments) else { return nil }
        guard let id = UUID(id: keys[0]) else { throw .pageTokenInvalid }
        return id
    }
}
