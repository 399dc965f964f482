import Foundation
import ServiceRuntime

/// Tenants, departments and agents, as conversations know them. Until the routing service publishes them they come from the
/// file that SWITCHBOARD_DIRECTORY_FILE names, read once at start:
///
/// ```json
/// {"tenants": [{
///     "id": "0198c0de-0000-7000-8000-000000000001",
///     "name": "Demo",
///     "queueVisibility": "departments",
///     "departments": [{"id": "…", "name": "Support", "default": true, "acceptMode": "explicit", "pendingLimit": 50,
///                      "onDisconnect": "pending"}],
///     "agents": [{"id": "…", "name": "Ana", "role": "agent", "departments": ["…"], "loadMax": 5, "emailLoadMax": 20}],
///     "channelAccounts": [{
///         "id": "…", "kind": "webchat", "name": "Web chat", "department": "…", "widgetKey": "wk_demo",
///         "allowedOrigins": ["http://127.0.0.1:8080"], "identityEnforced": false, "identitySecret": "…"
///     }]
/// }]}
/// ```
///
/// `queueVisibility` (departments or all), `acceptMode` (explicit or on_reply), `pendingLimit` (none), `onDisconnect` (pending or
/// requeue_front), `departments` of an agent (none), `loadMax` (5, range 1 to 100), `emailLoadMax` (20), `department` (the default one), `allowedOrigins` (none),
/// `identityEnforced` (false) and `identitySecret` (none) may be left out. Channel accounts are created if they are not there;
/// afterwards the database holds them.
struct Directory: Sendable {
    private(set) var tenants: [UUID: Tenant] = [:]

    struct Tenant: Sendable {
        var id: UUID
        var name: String
        var seesAllDepartments: Bool
        var departments: [UUID: Department]
        var defaultDepartmentID: UUID?
        var agents: [UUID: Agent]
        var channelAccounts: [AccountSeed]
    }

    struct Department: Sendable {
        var id: UUID
        var name: String
        /// C5: any reply accepts.
        var acceptsOnReply: Bool
        /// C10: most pending conversations of one agent; `nil`: none.
        var pendingLimit: Int?
        /// C12: what an agent has open goes back to the queue, and not to pending, when he loses connection.
        var requeuesOnDisconnect = false
    }

    struct Agent: Sendable {
        var id: UUID
        var name: String
        var role: Viewer<UUID>.Role
        var departmentIDs: Set<UUID>
        var loadMax: Int32
        var emailLoadMax: Int32
    }

    struct AccountSeed: Sendable {
        var id: UUID
        var kind: ChannelKind
        var name: String
        var departmentID: UUID?
        var widgetKey: String?
        var allowedOrigins: [String]
        var identityEnforced: Bool
        var identitySecret: String?
    }

    init(tenants: [Tenant] = []) {
        self.tenants = Dictionary(tenants.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    func agent(_ id: UUID?, of tenantID: UUID) -> Agent? {
        id.flatMap { tenants[tenantID]?.agents[$0] }
    }

    func department(_ id: UUID?, of tenantID: UUID) -> Department? {
        id.flatMap { tenants[tenantID]?.departments[$0] }
    }

    /// Whether somebody could serve a department's conversations (`nil`: anybody's). Until presence is known every agent counts
    /// as available (C35).
    func isAttended(_ department: UUID?, of tenantID: UUID) -> Bool { !members(of: department, in: tenantID).isEmpty }

    /// Who serves a department (`nil`: everybody), in no order that means anything, but always the same.
    func members(of department: UUID?, in tenantID: UUID) -> [UUID] {
        let agents = tenants[tenantID]?.agents.values.filter { agent in
            department.map { agent.departmentIDs.contains($0) } ?? true
        }
        return (agents ?? []).map(\.id).sorted { $0.text < $1.text }
    }

    /// The department of a new conversation (C40): the continued one's, the channel account's, the tenant's default.
    func department(continued: UUID?, account: UUID?, of tenantID: UUID) -> UUID? {
        continued ?? account ?? tenants[tenantID]?.defaultDepartmentID
    }
}

/// Which slot a conversation takes (C10).
enum SlotPool: String, CaseIterable, Sendable {
    case chat, email

    init(_ channel: ChannelKind) { self = channel == .email ? .email : .chat }

    /// An e-mail weighs 1 in its own pool, whatever its weight among chats is.
    func weight(_ rules: ChannelRules) -> Int32 { self == .email ? 1 : rules.weight }
}
