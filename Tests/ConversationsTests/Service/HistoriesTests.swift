import ConversationsV1
import Foundation
import GRPC
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing
import Trials
import WallTime

@testable import Conversations

/// RELIABILITY 4, experiment 15: many clients do whatever they may to few conversations, and what they leave behind is judged.
@Suite("SPEC 10, guarantee 2: concurrent histories")
struct HistoriesTests {
    private static let operations = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 1_000 : 10_000
    private static let clients = 32

    @Test("experiment 15: no load above its limit, every history valid by the table, the log ends where the rows are")
    func experiment15_histories() async throws {
        try await withInbox(loadMax: 2) { inbox, tenant in
            // From here on a statement that would raise a load above its limit fails, whoever sends it.
            _ = try await inbox.database.withAdministrator {
                try await $0.query("alter table conversations.agent_slot add constraint no_overload check (load <= load_max)")
            }
            let seed = UInt64.random(in: 0...UInt64.max)
            let outcomes = try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for client in 0..<Self.clients {
                    group.addTask {
                        var random = SeededGenerator(seed: seed &+ UInt64(client))
                        var outcomes: [String: Int] = [:]
                        for _ in 0..<Self.operations / Self.clients {
                            let (name, result) = try await inbox.doSomething(tenant, &random)
                            outcomes["\(name) \(result)", default: 0] += 1
                        }
                        return outcomes
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
            let unexpected = outcomes.keys.filter { key in
                let result = key.split(separator: " ").last.map(String.init) ?? ""
                return !(result.allSatisfy { $0.isUppercase || $0 == "_" }) || Self.failures.contains(result)
            }
            #expect(unexpected.isEmpty, "seed \(seed): \(unexpected)")
            #expect(outcomes.filter { $0.key.hasSuffix(" OK") }.count >= 8, "too little happened: \(outcomes)")
            try await inbox.judgeSlots(seed)
            try await inbox.judgeHistories(seed)
            try await inbox.judgeLog(seed)
        }
    }

    /// What no order of honest calls may bring about.
    private static let failures: Set<String> = ["INTERNAL", "CONFLICT", "UNAVAILABLE", "TOO_SLOW", "OVERLOADED", "ETAG_MISMATCH"]
}

extension Inbox {
    /// One step of a client: a customer or an agent, at one of few conversations.
    fileprivate func doSomething(_ tenant: Tenant, _ random: inout SeededGenerator) async throws -> (String, String) {
        let agents = [tenant.ana, tenant.bob, tenant.cleo, tenant.operatorID]
        let address = "v\(Int.random(in: 0..<6, using: &random))"
        let (agent, other) = (agents.randomElement(using: &random)!, agents.randomElement(using: &random)!)
        let kind = Int.random(in: 0..<10, using: &random)
        if kind < 2 { return ("customer", await reason { try await customer(address, of: tenant) }) }
        let there = try await surroundings.transaction(tenant.id, readOnly: true) {
            try await ConversationStore(transaction: $0, tenantID: tenant.id).latest(account: tenant.webchat, addressKey: address)
        }
        guard let id = there?.id.text else { return ("customer", await reason { try await customer(address, of: tenant) }) }
        switch kind {
        case 2: return ("accept", await reason { try await accept(id, by: agent, of: tenant) })
        case 3: return ("take", await reason { try await take(id, by: agent, of: tenant) })
        case 4: return ("send", await reason { try await send("hi", in: id, by: agent, of: tenant, accept: true) })
        case 5: return ("pause", await reason { try await setPending(id, by: agent, of: tenant) })
        case 6: return ("resume", await reason { try await resume(id, by: agent, of: tenant) })
        case 7: return ("transfer", await reason { try await transfer(id, to: .agentID(other.text), by: agent, of: tenant) })
        case 8:
            let department = [tenant.sales, tenant.support].randomElement(using: &random)!
            return ("give", await reason { try await transfer(id, to: .departmentID(department.text), by: agent, of: tenant) })
        default: return ("close", await reason { try await close(id, by: agent, of: tenant) })
        }
    }

    private func take(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> TakeResponse {
        try await service.take(
            TakeRequest(conversationID: id, requestID: UUID().text), by(agent, of: tenant, ConversationsServiceDescriptor.take))
    }

    private func resume(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ResumeResponse {
        try await service.resume(
            ResumeRequest(conversationID: id, requestID: UUID().text),
            by(agent, of: tenant, ConversationsServiceDescriptor.resume))
    }

    /// Each agent's load is what his conversations weigh; nothing deadlocked.
    fileprivate func judgeSlots(_ seed: UInt64) async throws {
        try await database.withAdministrator { pool in
            let wrong = try await pool.query(
                """
                select count(*)
                from conversations.agent_slot as slot
                where load <> (
                    select coalesce(sum(slot_weight), 0)
                    from conversations.conversation as c
                    where c.tenant_id = slot.tenant_id and c.assignee_id = slot.agent_id and c.state in ('offered', 'open')
                        and slot.pool = 'chat'
                )
                """
            ).only?.decode(Int.self)
            #expect(wrong == 0, "seed \(seed)")
            let deadlocks = try await pool.query(
                "select deadlocks from pg_stat_database where datname = current_database()"
            ).only?.decode(Int64.self)
            #expect(deadlocks == 0, "seed \(seed)")
        }
    }

    /// Each entry begins where the one before it ended, and some actor may do what it did.
    fileprivate func judgeHistories(_ seed: UInt64) async throws {
        let possible = Set(
            ([nil] + Conversations.ConversationState.allCases.map(Optional.some)).flatMap { before in
                TransitionEvent.allCases.flatMap { event in
                    TransitionActor.allCases.compactMap { actor -> [Conversations.ConversationState?]? in
                        guard case .allowed(let outcome) = TransitionTable.decide(before, event, by: actor) else { return nil }
                        return [before, outcome.next]
                    }
                }
            })
        try await database.withAdministrator { pool in
            let entries = try await pool.query(
                """
                select conversation_id, number, state_before, reason_before, state_after, reason_after
                from conversations.history
                order by conversation_id, number
                """
            ).map { try $0.decode((UUID, Int32, String, String, String, String).self) }
            #expect(!entries.isEmpty)
            var last: (id: UUID, number: Int32, state: Conversations.ConversationState?)?
            for (id, number, stateBefore, reasonBefore, stateAfter, reasonAfter) in entries {
                let before = Conversations.ConversationState(name: stateBefore, reason: reasonBefore)
                let after = Conversations.ConversationState(name: stateAfter, reason: reasonAfter)
                let former = last?.id == id ? last : nil
                #expect(number == (former?.number ?? 0) + 1 && before == former?.state, "seed \(seed), \(id) \(number)")
                #expect(possible.contains([before, after]), "seed \(seed), \(id) \(number): \(stateBefore) -> \(stateAfter)")
                last = (id, number, after)
            }
        }
    }

    /// The log's last word on each conversation is its row; it tells each message once, and messages are numbered without gap.
    fileprivate func judgeLog(_ seed: UInt64) async throws {
        try await database.withAdministrator { pool in
            let wrong = try await pool.query(
                """
                select count(*)
                from conversations.conversation as c
                left join lateral (
                    select attributes
                    from conversations.event as e
                    where e.subject_id = c.conversation_id
                    order by partition, position desc
                    limit 1
                ) as told on true
                where (told.attributes ->> 'a.state', coalesce(told.attributes ->> 'a.reason', ''),
                       told.attributes ->> 'a.assignee', told.attributes ->> 'a.department')
                    is distinct from (c.state, c.reason, c.assignee_id::text, c.department_id::text)
                """
            ).only?.decode(Int.self)
            #expect(wrong == 0, "seed \(seed)")
            let numbers = try await pool.query(
                """
                select count(*), count(distinct c.conversation_id) filter (where m.count <> c.last_seq or m.max <> c.last_seq),
                       coalesce(sum(m.count), 0)::bigint,
                       (select count(*) from conversations.event where kind = 'message.added')
                from conversations.conversation as c
                join lateral (
                    select count(*), max(seq) from conversations.message where conversation_id = c.conversation_id
                ) as m on true
                """
            ).only?.decode((Int, Int, Int64, Int64).self)
            #expect(numbers?.1 == 0 && numbers?.2 == numbers?.3, "seed \(seed): \(numbers as Any)")
        }
    }
}
