import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("S1-S11, C4: lists are read from indexes")
struct ListPlanTests {
    private static let rows = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 10_000 : 100_000

    @Test("S1, S2, S9, C4: no view, sort, direction, filter or page scans the table; pages begin where they say")
    func listsUseIndexes() async throws {
        try await withInbox { inbox, tenant in
            try await Self.fill(inbox, tenant)
            let viewers = [
                Viewer(agentID: tenant.ana, role: .agent, departmentIDs: [tenant.sales], seesAllDepartments: false),
                Viewer(agentID: tenant.admin, role: .admin, departmentIDs: [], seesAllDepartments: false),
            ]
            let middle = ConversationQuery.Position(time: Self.start.advanced(by: .seconds(Self.rows / 2)), id: tenant.ana)
            for viewer in viewers {
                for view in InboxView.allCases.map(Optional.some) + [nil] {
                    for order: ConversationQuery.Order in [.lastMessage, .arrival, .start, .waitingSince] {
                        for newestFirst in [true, false] {
                            var query = ConversationQuery(view: view)
                            (query.order, query.newestFirst) = (order, newestFirst)
                            let plan = try await inbox.plan(tenant) {
                                $0.page(query, for: viewer, after: middle, limit: 51)
                            }
                            #expect(!plan.contains("Seq Scan on conversation"), "\(view as Any) \(order)\n\(plan)")
                            if viewer.role == .agent, view == .closed || view == .queue {
                                #expect(plan.contains("conversation_of_assignee"), "his own, not the state's: \(order)\n\(plan)")
                            }
                            // Ordered by its index, a page costs the same wherever it begins; his own are few, and ordered by
                            // last message only.
                            guard view != .yours || order == .lastMessage else { continue }
                            #expect(
                                plan.contains(/Index Cond: .*ROW\(/), "the page begins at its position: \(view as Any)\n\(plan)")
                            // Of few departments nothing is sifted out of everybody's.
                            guard viewer.role == .agent, order == .lastMessage else { continue }
                            #expect(!plan.contains("conversation_in_state_by"), "\(view as Any)\n\(plan)")
                            #expect(plan.matches(of: /Sort Key/).count == 1, "the page alone is sorted: \(view as Any)\n\(plan)")
                        }
                    }
                    guard let view else { continue }
                    let plan = try await inbox.plan(tenant) { $0.count(view, departmentIDs: [], for: viewer) }
                    // No more than 1000 rows of a state are read, and those from its index.
                    #expect(plan.contains("Limit"), "\(plan)")
                    #expect(!plan.contains("Seq Scan on conversation"), "count of \(view)\n\(plan)")
                    if viewer.role == .agent { #expect(!plan.contains("conversation_in_state_by"), "count of \(view)\n\(plan)") }
                }
            }
        }
    }

    @Test("S9, C4, C57: no filter makes a list scan the table, alone or with a view")
    func filtersUseIndexes() async throws {
        try await withInbox { inbox, tenant in
            try await Self.fill(inbox, tenant)
            let filters: [(String, (inout ConversationQuery) -> Void)] = [
                ("department", { $0.departmentIDs = [tenant.sales] }), ("channel", { $0.channels = [.webchat] }),
                ("account", { $0.accountIDs = [tenant.webchat] }), ("assignee", { $0.assigneeIDs = [tenant.ana] }),
                ("label", { $0.labels = ["vip"] }), ("contact", { $0.contactID = tenant.ana }),
            ]
            let viewer = Viewer(agentID: tenant.admin, role: .admin, departmentIDs: [], seesAllDepartments: false)
            for (name, filter) in filters {
                for view in [InboxView.queue, .open, .closed, nil] {
                    var query = ConversationQuery(view: view)
                    filter(&query)
                    let plan = try await inbox.plan(tenant) { $0.page(query, for: viewer, after: nil, limit: 51) }
                    #expect(!plan.contains("Seq Scan on conversation"), "\(name) in \(view as Any)\n\(plan)")
                }
            }
            // What few conversations have is looked up, however long the list is.
            for (name, index, filter) in [
                ("assignee", "conversation_of_assignee", filters[3].1), ("contact", "conversation_by_contact", filters[5].1),
            ] {
                var query = ConversationQuery(view: .closed)
                filter(&query)
                if name == "assignee" { query.assigneeIDs = [tenant.admin] }
                let plan = try await inbox.plan(tenant) { $0.page(query, for: viewer, after: nil, limit: 51) }
                #expect(plan.contains(index), "\(name)\n\(plan)")
            }
        }
    }

    @Test("C17, C18: an address's conversations are found by an index, closed ones too")
    func addressesUseIndexes() async throws {
        try await withInbox { inbox, tenant in
            try await Self.fill(inbox, tenant)
            let latest = try await inbox.plan(tenant) { $0.latest(account: tenant.webchat, addressKey: "a77") }
            #expect(!latest.contains("Seq Scan") && latest.contains("conversation_of_address"), "\(latest)")
            let open = try await inbox.plan(tenant) { $0.openOne(account: tenant.webchat, addressKey: "a77") }
            #expect(!open.contains("Seq Scan") && open.contains("conversation_one_per_address"), "\(open)")
        }
    }

    private static let start = Instant(milliseconds: 1_790_416_800_000)

    /// Nine of ten closed, the others in every state; two departments, two accounts.
    static func fill(_ inbox: Inbox, _ tenant: Tenant) async throws {
        try await inbox.withStore(tenant) { store in
            _ = try await store.transaction.query(
                """
                insert into conversations.conversation
                    (tenant_id, conversation_id, state, reason, channel_account_id, channel, contact_id, customer_address,
                     address_key, department_id, assignee_id, arrival_time, start_time, last_message_time, create_time,
                     update_time, waiting_since_time)
                select \(tenant.id), gen_random_uuid(), state, '', \(tenant.webchat), 'webchat', gen_random_uuid(), 'a' || n,
                       'a' || n, case when n % 2 = 0 then \(tenant.sales) else \(tenant.support) end,
                       case when state in ('automated', 'queued') then null
                            when n % 20 = 0 then \(tenant.ana) else \(tenant.bob) end,
                       moment, moment, case when n % 50 <> 0 then moment end, moment, moment, moment
                from (
                    select n, \(start) + n * interval '1 second' as moment,
                           case when n % 10 <> 0 then 'closed'
                                else ('{automated,queued,offered,open,pending,expired}'::text[])[n / 10 % 6 + 1] end as state
                    from generate_series(1, \(rows)) as n
                ) as made
                """)
        }
        _ = try await inbox.database.withAdministrator { try await $0.query("analyze conversations.conversation") }
    }
}

extension Inbox {
    /// How PostgreSQL would answer a statement of the store's, as the runtime role under a tenant.
    func plan(_ tenant: Tenant, _ statement: (ConversationStore) -> SQL) async throws -> String {
        try await withStore(tenant) { store in
            try await store.transaction.query("explain (costs off) \(fragment: statement(store))")
                .map { try $0.decode(String.self) }.joined(separator: "\n")
        }
    }
}
