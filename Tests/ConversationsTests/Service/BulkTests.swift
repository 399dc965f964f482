import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("C53, C58: many at once, and addresses that are blocked")
struct BulkTests {
    @Test("C58: one result per id, in their order; what is refused for one leaves the others done, and itself as it was")
    func C58_results() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            let three = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            _ = try await inbox.close(three, by: tenant.operatorID, of: tenant)
            let strange = UUID().text
            let closed = try await inbox.bulk(.close(CloseRequest(outcome: "resolved")), on: [three, one, strange], of: tenant)
            #expect(closed.map(\.conversationID) == [three, one, strange])
            #expect(closed.map(\.reason) == ["CONVERSATION_CLOSED", "", "CONVERSATION_NOT_FOUND"])
            #expect(closed.map(\.code) == [9, 0, 5])
            #expect(try await inbox.get(one, by: tenant.ana, of: tenant).outcome == "resolved")
            let four = try await inbox.customer("v4", of: tenant).conversation!.conversationID
            // Ana has one place: the second is refused, and stays in the queue.
            let assigned = try await inbox.bulk(.assign(AssignRequest(agentID: tenant.ana.text)), on: [two, four], of: tenant)
            #expect(assigned.filter { $0.code == 0 }.count == 1 && assigned.contains { $0.reason == "AGENT_AT_CAPACITY" })
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
            let labelled = try await inbox.bulk(.label(LabelChange(add: ["vip"], remove: ["new"])), on: [two, four], of: tenant)
            #expect(labelled.allSatisfy { $0.code == 0 })
            let state = try await inbox.get(four, by: tenant.operatorID, of: tenant)
            #expect(state.labels == ["vip"])
        }
    }

    @Test("C58: at most 200, each named once; the same request again does nothing twice")
    func C58_limits() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let label = BulkUpdateConversationsRequest.Action.label(LabelChange(add: ["vip"]))
            #expect(await reason { try await inbox.bulk(label, on: [id, id], of: tenant) } == "INVALID_FIELD")
            #expect(
                await reason { try await inbox.bulk(label, on: (0..<201).map { _ in UUID().text }, of: tenant) }
                    == "INVALID_FIELD")
            let request = BulkUpdateConversationsRequest(requestID: UUID().text, conversationIDs: [id], action: label)
            let caller = inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.bulkUpdateConversations)
            let first = try await inbox.service.bulkUpdateConversations(request, caller)
            let etag = try await inbox.get(id, by: tenant.ana, of: tenant).etag
            #expect(try await inbox.service.bulkUpdateConversations(request, caller) == first)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).etag == etag)
        }
    }

    @Test("C53: a blocked address's conversation closes; what it writes is stored and not queued; unblocked, it is served again")
    func C53_block() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            func block(by agent: UUID) async throws -> ConversationsV1.Conversation {
                try await inbox.service.blockAddress(
                    BlockAddressRequest(conversationID: id, requestID: UUID().text, reason: "insults", spam: true),
                    inbox.by(agent, of: tenant, ConversationsServiceDescriptor.blockAddress)
                ).conversation!
            }
            #expect(await reason { try await block(by: tenant.cleo) } == "NOT_YOURS")
            let blocked = try await block(by: tenant.ana)
            #expect(blocked.state == .closed && blocked.stateReason == .blocked && blocked.blocked)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            let stored = try await inbox.customer("v1", says: "again", of: tenant)
            #expect(stored.conversation?.conversationID == id && stored.message?.seq == 2 && !stored.duplicate)
            #expect(stored.conversation?.state == .closed && stored.conversation?.unread == 0)
            #expect(try await inbox.list(.queue, by: tenant.ana, of: tenant).isEmpty)
            _ = try await inbox.service.unblockAddress(
                UnblockAddressRequest(conversationID: id, requestID: UUID().text),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.unblockAddress))
            let anew = try await inbox.customer("v1", of: tenant).conversation!
            #expect(anew.state == .queued && anew.continuedFrom == id && !anew.blocked)
        }
    }
}

extension Inbox {
    @discardableResult
    fileprivate func bulk(
        _ action: BulkUpdateConversationsRequest.Action, on ids: [String], of tenant: Tenant
    ) async throws -> [BulkResult] {
        try await service.bulkUpdateConversations(
            BulkUpdateConversationsRequest(requestID: UUID().text, conversationIDs: ids, action: action),
            by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.bulkUpdateConversations)
        ).results
    }
}
