import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

@testable import Conversations

// What tests of timers and of what users are told do again and again.
extension Inbox {
    var closing: ClosingRulesService { ClosingRulesService(surroundings: surroundings) }

    /// Fires whatever is due now, and what becomes due by that.
    func settle() async throws {
        let worker = TimerWorker(surroundings: surroundings)
        while try await worker.fireDue() > 0 {}
    }

    func settle(at instant: Instant) async throws {
        try surroundings.clock.set(instant)
        try await settle()
    }

    /// A customer's WhatsApp conversation, accepted by an agent.
    func phoneOpen(_ phone: String = "+5511987654321", by agent: UUID, of tenant: Tenant) async throws -> String {
        let id = try await customer(phone, to: tenant.whatsapp, of: tenant).conversation!.conversationID
        let request = AcceptRequest(conversationID: id, requestID: UUID().text, force: agent == tenant.operatorID)
        _ = try await service.accept(request, by(agent, of: tenant))
        return id
    }

    func notifications(of agent: UUID, in tenant: Tenant) async throws -> [ConversationsV1.Notification] {
        try await NotificationsService(surroundings: surroundings).listNotifications(
            ListNotificationsRequest(), by(agent, of: tenant, NotificationsServiceDescriptor.listNotifications)
        ).notifications
    }

    @discardableResult
    func setRule(
        _ channel: ConversationsV1.ChannelKind = .webchat, department: UUID? = nil, inactive: Swift.Duration? = nil,
        notice: Swift.Duration? = nil, expired: Swift.Duration? = nil, etag: String = "", by agent: UUID, of tenant: Tenant
    ) async throws -> ConversationsV1.ClosingRule {
        var rule = ConversationsV1.ClosingRule(departmentID: department?.text ?? "", channel: channel)
        rule.inactiveAfter = inactive.map { .init($0) }
        rule.notice = notice.map { ClosingNotice(text: "still there?", before: .init($0)) }
        rule.closeExpiredAfter = expired.map { .init($0) }
        return try await closing.setClosingRule(
            SetClosingRuleRequest(closingRule: rule, requestID: UUID().text, etag: etag),
            by(agent, of: tenant, ClosingRulesServiceDescriptor.setClosingRule)
        ).closingRule!
    }
}

extension Timestamp {
    var instant: Instant { Instant(self) }
}
