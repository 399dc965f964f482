import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Testing
import Trials
import WallTime

@testable import Conversations

@Suite("Guarantee 10: any moment can be looked at again, with who and why")
struct SnapshotTests {
    private static let steps = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 200 : 2_000

    @Test("guarantee 10: conversations and queues, looked at later, are what they were seen to be at the moment")
    func guarantee10_replay() async throws {
        try await withInbox { inbox, tenant in
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SeededGenerator(seed: seed)
            let snapshots = try await inbox.play(steps: Self.steps, of: tenant, &random)
            #expect(snapshots.count > 5 && snapshots.contains { $0.queue.count > 1 }, "seed \(seed)")
            let everybody = Set(snapshots.flatMap(\.standings.keys))
            for live in snapshots {
                let queue = try await inbox.queue(at: live.time, pageSize: 2, of: tenant)
                #expect(queue.map(\.conversationID) == live.queue, "seed \(seed), \(live.time)")
                for id in everybody {
                    guard let expected = live.standings[id] else {
                        #expect(
                            await reason { try await inbox.snapshot(of: id, at: live.time, tenant) } == "CONVERSATION_NOT_FOUND")
                        continue
                    }
                    let then = try await inbox.snapshot(of: id, at: live.time, tenant)
                    let found = LiveSnapshot.Standing(
                        state: then.state, reason: then.reason, departmentID: then.departmentID, assigneeID: then.assigneeID,
                        arrival: then.arrivalTime)
                    #expect(found == expected, "seed \(seed), \(id) at \(live.time)")
                    #expect(Instant(then.entry!.occurTime!) <= live.time)
                }
            }
        }
    }

    @Test("guarantee 10: who and why are named, up to the millisecond before and after")
    func guarantee10_whoAndWhy() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try inbox.advance(.seconds(10))
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(10))
            let moved = inbox.surroundings.clock.now
            _ = try await inbox.transfer(id, to: .agentID(tenant.cleo.text), by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(10))
            let before = try await inbox.snapshot(of: id, at: moved.advanced(by: .milliseconds(-1)), tenant)
            #expect(before.assigneeID == tenant.ana.text && before.entry?.kind == "accepted")
            let after = try await inbox.snapshot(of: id, at: moved, tenant)
            #expect(after.assigneeID == tenant.cleo.text && after.entry?.kind == "transferred")
            #expect(after.entry?.actor?.actorID == tenant.ana.text && after.entry?.note == "yours")
            #expect(Instant(after.entry!.occurTime!) == moved)
        }
    }

    @Test("guarantee 10: no moment ahead, no conversation of departments that are not his, and none of another tenant's")
    func guarantee10_refusals() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let now = inbox.surroundings.clock.now
            #expect(await reason { try await inbox.snapshot(of: id, at: now, tenant) } == "OK")
            let ahead = now.advanced(by: .seconds(1))
            #expect(await reason { try await inbox.snapshot(of: id, at: ahead, tenant) } == "INVALID_FIELD")
            #expect(await reason { try await inbox.queue(at: ahead, of: tenant) } == "INVALID_FIELD")
            #expect(await reason { try await inbox.snapshot(of: id, at: now, tenant, by: tenant.bob) } == "OUT_OF_SCOPE")
            #expect(await reason { try await inbox.snapshot(of: id, at: now, Tenant(2)) } == "CONVERSATION_NOT_FOUND")
        }
    }

    @Test("guarantee 10: a queue of long ago is read from an index")
    func guarantee10_plan() async throws {
        try await withInbox { inbox, tenant in
            let settings = ["switchboard.tenant_id": tenant.id.text]
            let start = inbox.surroundings.clock.now
            _ = try await inbox.surroundings.pool.transaction(TransactionOptions(settings: settings)) { transaction in
                try await transaction.query(
                    """
                    insert into conversations.queue_stay
                        (tenant_id, conversation_id, version, arrival_time, enter_time, leave_time)
                    select \(tenant.id), gen_random_uuid(), 1, moment, moment, moment + interval '5 minutes'
                    from (
                        select \(start) + n * interval '1 minute' as moment from generate_series(1, 20000) as n
                    ) as made
                    """)
            }
            _ = try await inbox.database.withAdministrator { try await $0.query("analyze conversations.queue_stay") }
            let plan = try await inbox.surroundings.pool.transaction(TransactionOptions(settings: settings)) { transaction in
                let store = ConversationStore(transaction: transaction, tenantID: tenant.id)
                let statement = store.queue(
                    at: start.advanced(by: .seconds(19_900 * 60)), departmentIDs: [], after: nil, limit: 51)
                return try await transaction.query("explain (costs off) \(fragment: statement)")
                    .map { try $0.decode(String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("queue_stay_by_leave_time") && plan.contains("history_pkey"), "\(plan)")
        }
    }
}

@Suite("P7: who set and forced what")
struct AuditTests {
    @Test("P7: rules, accounts, blocks and forced acts leave who, what, when and for whom; filters and pages hold")
    func P7_trail() async throws {
        try await withInbox(loadMax: 0) { inbox, tenant in
            let start = inbox.surroundings.clock.now
            try await inbox.setRule(.webchat, inactive: .seconds(600), by: tenant.operatorID, of: tenant)
            try inbox.advance(.seconds(1))
            let account = try await inbox.accounts.createChannelAccount(
                CreateChannelAccountRequest(
                    channelAccount: .init(kind: .webchat, displayName: "Second"), requestID: UUID().text),
                inbox.by(tenant.admin, of: tenant, ChannelAccountsServiceDescriptor.createChannelAccount)
            ).channelAccount!.channelAccountID
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try inbox.advance(.seconds(1))
            // Beyond his limit of none: only by force, which is audited (C11).
            _ = try await inbox.service.accept(
                AcceptRequest(conversationID: id, requestID: UUID().text, force: true), inbox.by(tenant.operatorID, of: tenant))
            try inbox.advance(.seconds(1))
            try await inbox.blockAsSpam(id, of: tenant)
            let trail = try await inbox.trail(of: tenant)
            #expect(trail.map(\.action) == ["BlockAddress", "Accept", "CreateChannelAccount", "SetClosingRule"])
            #expect(trail.map(\.subject) == [id, id, account, "all/webchat"])
            #expect(trail[2].actor == "agent:\(tenant.admin.text)" && trail[3].actor == "agent:\(tenant.operatorID.text)")
            #expect(trail.allSatisfy { $0.onBehalfOf.isEmpty })
            #expect(trail.map { Instant($0.occurTime!) } == [3, 2, 1, 0].map { start.advanced(by: .seconds($0)) })
            #expect(try await inbox.trail(of: tenant, .init(subject: id)).count == 2)
            #expect(try await inbox.trail(of: tenant, .init(actor: "agent:\(tenant.admin.text)")).map(\.subject) == [account])
            let middle = ListAuditEntriesRequest(
                startTime: Timestamp(start.advanced(by: .seconds(1))), endTime: Timestamp(start.advanced(by: .seconds(3))))
            #expect(try await inbox.trail(of: tenant, middle).map(\.action) == ["Accept", "CreateChannelAccount"])
            #expect(try await inbox.trail(of: Tenant(2)).isEmpty)
        }
    }

    @Test("P7: what was refused leaves no line, a repetition leaves none twice, and a filter backwards is refused")
    func P7_refusals() async throws {
        try await withInbox(loadMax: 0) { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let forced = AcceptRequest(conversationID: id, requestID: UUID().text, force: true)
            #expect(await reason { try await inbox.service.accept(forced, inbox.by(tenant.ana, of: tenant)) } != "OK")
            #expect(try await inbox.trail(of: tenant).isEmpty)
            let request = SetClosingRuleRequest(
                closingRule: .init(channel: .webchat, inactiveAfter: .init(seconds: 600)), requestID: UUID().text)
            let caller = inbox.by(tenant.operatorID, of: tenant, ClosingRulesServiceDescriptor.setClosingRule)
            for _ in 0..<2 { _ = try await inbox.closing.setClosingRule(request, caller) }
            #expect(try await inbox.trail(of: tenant).count == 1)
            let now = inbox.surroundings.clock.now
            let backwards = ListAuditEntriesRequest(
                startTime: Timestamp(now), endTime: Timestamp(now.advanced(by: .seconds(-1))))
            #expect(await reason { try await inbox.trail(of: tenant, backwards) } == "INVALID_FIELD")
        }
    }
}

extension Inbox {
    private var audit: ConversationAuditService { ConversationAuditService(surroundings: surroundings) }

    func snapshot(
        of id: String, at time: Instant, _ tenant: Tenant, by agent: UUID? = nil
    ) async throws -> ConversationSnapshot {
        try await audit.getConversationSnapshot(
            GetConversationSnapshotRequest(conversationID: id, readTime: Timestamp(time)),
            by(agent ?? tenant.admin, of: tenant, ConversationAuditServiceDescriptor.getConversationSnapshot)
        ).snapshot!
    }

    func queue(at time: Instant, pageSize: Int32 = 0, of tenant: Tenant) async throws -> [ConversationSnapshot] {
        let caller = by(tenant.operatorID, of: tenant, ConversationAuditServiceDescriptor.listQueueSnapshot)
        var (found, token): ([ConversationSnapshot], String) = ([], "")
        repeat {
            let page = try await audit.listQueueSnapshot(
                ListQueueSnapshotRequest(readTime: Timestamp(time), pageSize: pageSize, pageToken: token), caller)
            (found, token) = (found + page.snapshots, page.nextPageToken)
        } while !token.isEmpty
        return found
    }

    fileprivate func trail(
        of tenant: Tenant, _ request: ListAuditEntriesRequest = .init()
    ) async throws -> [ConversationsV1.AuditEntry] {
        var (request, found) = (request, [ConversationsV1.AuditEntry]())
        request.pageSize = 1
        repeat {
            let page = try await audit.listAuditEntries(
                request, by(tenant.admin, of: tenant, ConversationAuditServiceDescriptor.listAuditEntries))
            (found, request.pageToken) = (found + page.auditEntries, page.nextPageToken)
        } while !request.pageToken.isEmpty
        return found
    }
}
