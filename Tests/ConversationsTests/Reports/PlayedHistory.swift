import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Trials
import WallTime

@testable import Conversations

/// How everything stood at one moment, written down at that moment.
struct LiveSnapshot {
    struct Standing: Equatable {
        var state: ConversationsV1.ConversationState
        var reason: ConversationStateReason
        var departmentID: String
        var assigneeID: String
        var arrival: Timestamp?
    }

    var time: Instant
    var standings: [String: Standing]
    /// Ids, in the order of the queue.
    var queue: [String]
}

extension Inbox {
    /// Some days of customers and agents, in an order that the seed says; what is refused is refused.
    /// - Returns: how things stood now and then.
    func play(steps: Int, of tenant: Tenant, _ random: inout SeededGenerator) async throws -> [LiveSnapshot] {
        var snapshots: [LiveSnapshot] = []
        for _ in 0..<steps {
            _ = await reason { try await step(of: tenant, &random) }
            if Int.random(in: 0..<8, using: &random) == 0 { snapshots.append(try await snapshot(of: tenant)) }
            // Milliseconds, minutes or hours: some things come soon after each other, some days later.
            let milliseconds = [1..<900, 60_000..<600_000, 3_600_000..<14_400_000].randomElement(using: &random)!
            try advance(.milliseconds(Int.random(in: milliseconds, using: &random)))
            try await settle()
        }
        return snapshots
    }

    private func step(of tenant: Tenant, _ random: inout SeededGenerator) async throws {
        let address = Int.random(in: 0..<6, using: &random)
        let agent = [tenant.ana, tenant.bob, tenant.cleo, tenant.operatorID].randomElement(using: &random)!
        let other = [tenant.ana, tenant.bob, tenant.cleo].randomElement(using: &random)!
        let (account, text) = address % 2 == 0 ? (tenant.webchat, "v\(address)") : (tenant.whatsapp, "+551198765432\(address)")
        let kind = Int.random(in: 0..<19, using: &random)
        let there = try await surroundings.transaction(tenant.id, readOnly: true) {
            try await ConversationStore(transaction: $0, tenantID: tenant.id).latest(account: account, addressKey: text)
        }
        guard kind > 4, let id = there?.id.text else { return _ = try await customer(text, to: account, of: tenant) }
        switch kind {
        case 5, 6: _ = try await accept(id, by: agent, of: tenant)
        case 7, 8, 9: _ = try await send("hi", in: id, by: there?.assigneeID ?? agent, of: tenant, accept: true)
        case 10: _ = try await setPending(id, by: there?.assigneeID ?? agent, of: tenant)
        case 11: _ = try await assign(id, to: other, of: tenant)
        case 12: _ = try await takeBack(id, .offerTimeout, of: tenant)
        case 13: _ = try await transfer(id, to: .agentID(other.text), by: tenant.operatorID, of: tenant)
        case 14:
            let department = [tenant.sales, tenant.support].randomElement(using: &random)!
            _ = try await transfer(id, to: .departmentID(department.text), by: tenant.operatorID, of: tenant)
        case 15: _ = try await close(id, by: tenant.operatorID, of: tenant)
        case 16:
            _ = try await service.addNote(
                AddNoteRequest(conversationID: id, requestID: UUID().text, text: "note"), by(agent, of: tenant))
        case 17:
            if Bool.random(using: &random) {
                try await setPriority(id, [.low, .urgent].randomElement(using: &random)!, of: tenant)
            }
            try await label(id, [["vip"], ["vip", "new"], []].randomElement(using: &random)!, of: tenant)
        default:
            if Int.random(in: 0..<3, using: &random) == 0 { try await blockAsSpam(id, of: tenant) }
        }
    }

    func setPriority(_ id: String, _ priority: ConversationsV1.Priority, of tenant: Tenant) async throws {
        _ = try await service.updateConversation(
            UpdateConversationRequest(
                conversation: .init(conversationID: id, priority: priority), updateMask: FieldMask(paths: ["priority"]),
                requestID: UUID().text),
            by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.updateConversation))
    }

    func label(_ id: String, _ labels: [String], of tenant: Tenant) async throws {
        _ = try await service.updateConversation(
            UpdateConversationRequest(
                conversation: .init(conversationID: id, labels: labels), updateMask: FieldMask(paths: ["labels"]),
                requestID: UUID().text),
            by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.updateConversation))
    }

    func blockAsSpam(_ id: String, of tenant: Tenant) async throws {
        _ = try await service.blockAddress(
            BlockAddressRequest(conversationID: id, requestID: UUID().text, reason: "spam", spam: true),
            by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.blockAddress))
    }

    private func snapshot(of tenant: Tenant) async throws -> LiveSnapshot {
        var standings: [String: LiveSnapshot.Standing] = [:]
        for conversation in try await everything(of: tenant) {
            standings[conversation.conversationID] = .init(
                state: conversation.state, reason: conversation.stateReason, departmentID: conversation.departmentID,
                assigneeID: conversation.assigneeID, arrival: conversation.arrivalTime)
        }
        let queue = try await list(.queue, by: tenant.admin, of: tenant).map(\.conversationID)
        return LiveSnapshot(time: surroundings.clock.now, standings: standings, queue: queue)
    }

    private func everything(of tenant: Tenant) async throws -> [ConversationsV1.Conversation] {
        var (found, token): ([ConversationsV1.Conversation], String) = ([], "")
        repeat {
            let page = try await service.listConversations(
                ListConversationsRequest(pageSize: 100, pageToken: token), by(tenant.admin, of: tenant))
            (found, token) = (found + page.conversations, page.nextPageToken)
        } while !token.isEmpty
        return found
    }
}
