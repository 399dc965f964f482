import FoundationEssentials
import ServiceRuntime
import WallTime
import WorkingTime

/// One tenant with its departments, agents and roles, as routing last published them. Conversations judge by it.
struct Directory: Sendable {
    let tenantID: UUID
    /// Of the rows it was read from; grows with each change of any of them.
    var revision: Int64 = 0
    /// `nil`: routing has not told of it yet.
    var tenant: Tenant?
    var departments: [UUID: Department] = [:]
    var agents: [UUID: Agent] = [:]
    /// What the tenant's own roles let their holders do (C34); the built-in ones are compiled in.
    var roles: [String: Set<Permission>] = [:]
    /// Of the bots that have ever been connected, those that are not (C44).
    var offlineBots: Set<UUID> = []

    struct Tenant: Sendable, Hashable {
        var name: String
        /// Reads only (P2).
        var isSuspended = false
        /// C22: agents see every department's conversations.
        var seesAllDepartments = false
        /// C40.
        var defaultDepartmentID: UUID?
        /// C20: an agent may be handed a conversation though he is offline.
        var allowsOfflineTransfer = false
        /// BCP 47, and an IANA name (C59); empty: nobody has said.
        var locale = ""
        var timeZone = ""
        /// C47; empty: the standard ones.
        var outcomes: [String] = []
        /// C57; empty: every label is taken.
        var labels: [String] = []

        /// Whose days reports mean (C59).
        var reportZone: String { timeZone.isEmpty ? "UTC" : timeZone }
    }

    struct Department: Sendable, Hashable {
        var id: UUID
        var name: String
        /// Over; its successor has what it had (C41).
        var isArchived = false
        var successorID: UUID?
        /// C5: any reply accepts.
        var acceptsOnReply = false
        /// C10: most pending conversations of one agent; `nil`: none.
        var pendingLimit: Int?
        /// C12: what an agent has open goes back to the queue, and not to pending, when he loses connection.
        var requeuesOnDisconnect = false
        /// C44: while it is closed a bot keeps what it would hand off.
        var staysWithBot = false
        /// C44: how long a bot may take to answer.
        var botTimeout = Self.botTimeout
        /// C20: where its conversations may be handed; empty: anywhere.
        var transferDepartmentIDs: Set<UUID> = []
        /// C59.
        var locale = ""
        var timeZone = ""
        /// C49: of its new conversations.
        var serviceType = ""
        /// `nil`: always open.
        var hours: WorkingCalendar?

        static let botTimeout: Duration = .seconds(60)
    }

    struct Agent: Sendable, Hashable {
        enum Presence: String, Sendable, Hashable, CaseIterable {
            case online, reconnecting, offline
        }

        var id: UUID
        var name: String
        /// He works here no more (C41).
        var isDeactivated = false
        var departmentIDs: Set<UUID> = []
        var presence = Presence.offline
        /// He wants work (C56).
        var wantsWork = true
        /// C10, defaults included.
        var loadMax: Int32 = 5
        var emailLoadMax: Int32 = 20
        /// C59.
        var locale = ""
        var timeZone = ""
    }

    init(_ tenantID: UUID) {
        self.tenantID = tenantID
    }

    /// The tenant's settings, once they are known.
    /// - Throws: TENANT_SUSPENDED, which is also said of a tenant that nobody knows.
    var known: Tenant {
        get throws(ConversationsError) {
            guard let tenant else { throw .tenantSuspended }
            return tenant
        }
    }

    /// - Throws: TENANT_SUSPENDED: a suspended tenant reads only (P2).
    func requireActive() throws(ConversationsError) {
        if try known.isSuspended { throw .tenantSuspended }
    }

    /// Who works here.
    func agent(_ id: UUID?) -> Agent? {
        id.flatMap { agents[$0] }.flatMap { $0.isDeactivated ? nil : $0 }
    }

    /// Where something new may go.
    func department(_ id: UUID?) -> Department? {
        id.flatMap { departments[$0] }.flatMap { $0.isArchived ? nil : $0 }
    }

    /// Also of somebody who works here no more: authorship stays (C41).
    func agentName(_ id: UUID?) -> String { id.flatMap { agents[$0] }?.name ?? "" }

    func departmentName(_ id: UUID?) -> String { id.flatMap { departments[$0] }?.name ?? "" }

    /// Who serves a department (`nil`: everybody), in no order that means anything, but always the same.
    func members(of department: UUID?) -> [UUID] {
        agents.values.filter { $0.serves(department) }.map(\.id).sorted { $0.text < $1.text }
    }

    /// Whether somebody is available in a department (`nil`: anywhere) at a moment (C35); a full one counts (C15).
    func isAttended(_ department: UUID?, at now: Instant) -> Bool {
        isOpen(department, at: now) && agents.values.contains { $0.isAvailable(in: department) }
    }

    /// C44: a department that is closed may leave with the bot what it hands off.
    func keepsWithBot(_ id: UUID, at now: Instant) -> Bool {
        departments[id].map { $0.staysWithBot && !$0.isOpen(at: now) } ?? false
    }

    /// A bot that was connected and is no more; of one that never was nothing is known.
    func isOffline(bot: UUID) -> Bool { offlineBots.contains(bot) }

    func botTimeout(in department: UUID?) -> Duration {
        department.flatMap { departments[$0] }?.botTimeout ?? Department.botTimeout
    }

    /// When a department opens next; `nil` while it is open, and where it never opens.
    func nextOpening(of department: UUID?, after now: Instant) -> Instant? {
        department.flatMap { departments[$0] }?.nextOpening(after: now)
    }

    /// Whether an agent is eligible for a department's work (C7), but for his limit.
    func isAvailable(_ agent: UUID, in department: UUID?, at now: Instant) -> Bool {
        isOpen(department, at: now) && agents[agent]?.isAvailable(in: department) ?? false
    }

    private func isOpen(_ department: UUID?, at now: Instant) -> Bool {
        department.flatMap { departments[$0] }?.isOpen(at: now) ?? true
    }

    /// The department of a new conversation (C40): the continued one's, the channel account's, the tenant's default; in the
    /// place of one that is over, its successor (C41).
    func department(continued: UUID?, account: UUID?) -> UUID? {
        successor(of: continued) ?? successor(of: account) ?? tenant?.defaultDepartmentID
    }

    /// The department itself while it takes conversations; `nil` where nobody took it over.
    func successor(of id: UUID?) -> UUID? {
        var next = id
        // No longer than the chain can be.
        for _ in 0...departments.count {
            guard let department = next.flatMap({ departments[$0] }), department.isArchived else { return next }
            next = department.successorID
        }
        return nil
    }
}

extension Directory.Department {
    func isOpen(at now: Instant) -> Bool { hours?.isOpen(at: now) ?? true }

    func nextOpening(after now: Instant) -> Instant? { isOpen(at: now) ? nil : hours?.nextOpening(from: now) }
}

extension Directory.Agent {
    fileprivate func isAvailable(in department: UUID?) -> Bool { serves(department) && presence == .online && wantsWork }

    fileprivate func serves(_ department: UUID?) -> Bool {
        !isDeactivated && (department.map { departmentIDs.contains($0) } ?? true)
    }
}
