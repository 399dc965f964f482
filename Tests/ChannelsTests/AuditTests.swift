import ChannelsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

@testable import Channels

@Suite("Who set what in channels")
struct AuditTests {
    @Test("P7: webhooks that were made, changed and removed leave who, what, when and which fields; refusals leave no line")
    func P7_trail() async throws {
        try await withWorkshop { workshop in
            let (webhook, _) = try await workshop.subscribe("http://127.0.0.1:1/hook")
            var changed = webhook
            changed.displayName = "ERP"
            changed = try await workshop.update(changed, ["display_name"])
            await #expect(throws: (any Error).self) { try await workshop.replay(UUID().text) }
            _ = try await workshop.webhooks.deleteWebhook(
                DeleteWebhookRequest(webhookID: webhook.webhookID, requestID: UUID().text),
                workshop.caller(WebhooksServiceDescriptor.deleteWebhook))

            let trail = try await workshop.trail()
            #expect(Set(trail.map(\.action)) == ["CreateWebhook", "UpdateWebhook", "DeleteWebhook"] && trail.count == 3)
            #expect(trail.allSatisfy { $0.subject == webhook.webhookID && $0.actor == "agent:ana" && $0.onBehalfOf.isEmpty })
            #expect(trail.first { $0.action == "UpdateWebhook" }?.changedPaths == ["display_name"])
            #expect(try await workshop.trail(.init(subject: UUID().text)).isEmpty)
            #expect(try await workshop.trail(tenant: .v7(at: .now)).isEmpty)
        }
    }
}

extension Workshop {
    fileprivate func trail(_ request: ListAuditEntriesRequest = .init(), tenant: UUID? = nil) async throws -> [AuditEntry] {
        try await webhooks.listAuditEntries(
            request, caller(WebhooksServiceDescriptor.listAuditEntries, tenant: tenant)
        ).auditEntries
    }
}
