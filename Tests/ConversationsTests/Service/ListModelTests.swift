import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

/// Rows of every state, department, assignee and mention, with equal and with missing times; every list of them by
/// `InboxView.contains` and `Viewer.reads`, and by the statements.
@Suite("C4, C22, S1-S11: the lists' statements give what the rules say, page by page")
struct ListModelTests {
    private static let rows = 420
    private static let start = Instant(milliseconds: 1_790_416_800_000)
    private typealias Order = ConversationQuery.Order

    @Test("every view, viewer, sort, direction and department filter lists and counts what the rules let it")
    func statementsFollowRules() async throws {
        try await withInbox { inbox, tenant in
            try await Self.fill(inbox, tenant)
            try await inbox.withStore(tenant) { store in
                let all = try await store.transaction.query(
                    "select \(fragment: ConversationStore.columns) from conversations.conversation"
                ).map(Conversation.init(row:))
                #expect(all.count == Self.rows)
                for viewer in Self.viewers(tenant) {
                    let readable = all.filter {
                        viewer.reads(department: $0.departmentID, assignee: $0.assigneeID, mentioned: Set($0.mentionedAgentIDs))
                    }
                    for departments in [[], [tenant.support], [tenant.sales, tenant.support]] {
                        let wanted = readable.filter { departments.isEmpty || $0.departmentID.map(departments.contains) == true }
                        try await Self.compareLists(store, viewer, departments, wanted)
                        try await Self.compareCounts(store, viewer, departments, wanted)
                    }
                }
            }
        }
    }

    private static func viewers(_ tenant: Tenant) -> [Viewer<UUID>] {
        [
            Viewer(agentID: tenant.ana, role: .agent, departmentIDs: [tenant.sales]),
            Viewer(agentID: tenant.ana, role: .agent, departmentIDs: [tenant.sales, tenant.support]),
            Viewer(agentID: tenant.bob, role: .agent, departmentIDs: []),
            Viewer(agentID: tenant.cleo, role: .agent, departmentIDs: [tenant.support], seesAllDepartments: true),
            Viewer(agentID: tenant.admin, role: .admin, departmentIDs: []),
        ]
    }

    private static func compareLists(
        _ store: ConversationStore, _ viewer: Viewer<UUID>, _ departments: [UUID], _ readable: [Conversation]
    ) async throws {
        for view in InboxView.allCases.map(Optional.some) + [nil] {
            let wanted = readable.filter { view?.contains($0.state, assignedToViewer: $0.assigneeID == viewer.agentID) ?? true }
            for order: Order in [.lastMessage, .arrival, .start, .waitingSince] {
                for newestFirst in [true, false] {
                    var query = ConversationQuery(view: view, departmentIDs: departments)
                    (query.order, query.newestFirst) = (order, newestFirst)
                    let expected = wanted.sorted { isBefore($0, $1, order, newestFirst) }.map(\.id.text)
                    #expect(
                        try await pages(store, query, viewer) == expected,
                        "\(view.map(\.rawValue) ?? "all") by \(order) \(newestFirst) for \(viewer), departments \(departments.count)"
                    )
                }
            }
        }
    }

    private static func compareCounts(
        _ store: ConversationStore, _ viewer: Viewer<UUID>, _ departments: [UUID], _ readable: [Conversation]
    ) async throws {
        let counts = try await store.counts(InboxView.allCases, departmentIDs: departments, for: viewer)
        for (view, count) in zip(InboxView.allCases, counts) {
            let wanted = readable.filter { view.contains($0.state, assignedToViewer: $0.assigneeID == viewer.agentID) }
            #expect(Int(count.count) == wanted.count, "\(view) for \(viewer)")
            #expect(count.unread == wanted.reduce(0) { $0 + max($1.unread, $1.attention ? 1 : 0) }, "\(view) for \(viewer)")
        }
    }

    /// The list as a reader turns its pages.
    private static func pages(
        _ store: ConversationStore, _ query: ConversationQuery, _ viewer: Viewer<UUID>
    ) async throws -> [String] {
        var (ids, position): ([String], ConversationQuery.Position?) = ([], nil)
        while true {
            let page = try await store.list(query, for: viewer, after: position, limit: 40)
            ids += page.map(\.id.text)
            guard page.count == 40, let last = page.last else { return ids }
            position = .init(time: time(last, query.order), id: last.id)
        }
    }

    private static func isBefore(_ a: Conversation, _ b: Conversation, _ order: Order, _ newestFirst: Bool) -> Bool {
        switch (time(a, order), time(b, order)) {
        case (.some, nil): true
        case (nil, .some): false
        case (let x, let y) where x != y: newestFirst ? x! > y! : x! < y!
        default: newestFirst ? a.id.text > b.id.text : a.id.text < b.id.text
        }
    }

    private static func time(_ conversation: Conversation, _ order: Order) -> Instant? {
        switch order {
        case .lastMessage: conversation.lastMessage
        case .arrival: conversation.arrival
        case .start: conversation.started
        case .waitingSince: conversation.waitingSince
        }
    }

    private static func fill(_ inbox: Inbox, _ tenant: Tenant) async throws {
        try await inbox.withStore(tenant) { store in
            _ = try await store.transaction.query(
                """
                insert into conversations.conversation
                    (tenant_id, conversation_id, state, reason, channel_account_id, channel, contact_id, customer_address,
                     address_key, department_id, assignee_id, mentioned_agent_ids, arrival_time, start_time, last_message_time,
                     create_time, update_time, waiting_since_time, unread, attention)
                select \(tenant.id), gen_random_uuid(), state,
                       case state when 'pending' then 'parked' when 'expired' then 'window' when 'closed' then 'agent' else '' end,
                       \(tenant.webchat), 'webchat', gen_random_uuid(), 'a' || n, 'a' || n,
                       case n % 3 when 0 then \(tenant.sales) when 1 then \(tenant.support) end,
                       case when state in ('automated', 'queued') then null when n % 5 < 2 then \(tenant.ana)
                            when n % 5 = 2 then \(tenant.bob) else \(tenant.cleo) end,
                       case n % 11 when 0 then array[\(tenant.ana), \(tenant.bob)] when 1 then array[\(tenant.cleo)] else '{}' end,
                       moment, case when n % 7 <> 0 then moment end, case when n % 4 <> 0 then moment end, moment, moment,
                       case when n % 2 = 0 then moment end, n % 3, n % 13 = 0
                from (
                    select n, \(start) + n / 6 * interval '1 second' as moment,
                           ('{automated,queued,offered,open,pending,expired,closed}'::text[])[n % 7 + 1] as state
                    from generate_series(1, \(rows)) as n
                ) as made
                """)
        }
    }
}

extension Inbox {
    /// The store in a transaction of the tenant's, as the service's own role.
    func withStore<Answer: Sendable>(
        _ tenant: Tenant, _ body: (ConversationStore) async throws -> Answer
    ) async throws -> Answer {
        let settings = ["switchboard.tenant_id": tenant.id.text]
        return try await surroundings.pool.transaction(TransactionOptions(settings: settings)) { transaction in
            try await body(ConversationStore(transaction: transaction, tenantID: tenant.id))
        }
    }
}
