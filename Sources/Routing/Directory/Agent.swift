import FoundationEssentials
import ServiceRuntime
import WallTime

/// Somebody who serves. His id is the subject of his tokens.
struct Agent: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        case active, deactivated
    }

    static let emailLimitDefault = 20
    static let chatLimitDefault = 5

    var id: AgentID
    var state: State
    var fields: AgentFields
    var status: AgentStatus
    var presence: Presence
    /// Offers let pass in a row (C14).
    var missedOffers = 0
    var lastAssigned: Instant?
    /// The highest chat limit of his departments; `nil`: he is in none.
    var departmentChatLimit: Int?
    var createTime: Instant
    var updateTime: Instant
    var version: Int64

    /// C10: his own, the highest of his departments', or the default.
    var chatLimit: Int { fields.chatLimit ?? departmentChatLimit ?? Self.chatLimitDefault }
    var emailLimit: Int { fields.emailLimit ?? Self.emailLimitDefault }

    /// C35, but for the hours of a department.
    var isAvailable: Bool { state == .active && presence == .online && status.availability == .available }

    /// Whether heartbeats of his count (C35): not after he signed out or stopped working here.
    var isReachable: Bool { state == .active && status.availability != .offline }
}

/// What people choose of an agent.
struct AgentFields: Sendable, Hashable {
    var name: String
    var roles: [String] = []
    var departments: [DepartmentID] = []
    var chatLimit: Int?
    var emailLimit: Int?
    var skills: [String] = []
    var locale = ""
    var timeZone = ""
}

extension AgentFields {
    static let writable: [WritableField<AgentFields>] = [
        .init("display_name", \.name), .init("roles", \.roles), .init("department_ids", \.departments),
        .init("chat_limit", \.chatLimit), .init("email_limit", \.emailLimit), .init("skills", \.skills),
        .init("locale", \.locale), .init("time_zone", \.timeZone),
    ]
    static let outputOnly: Set<String> = [
        "agent_id", "state", "status", "presence", "effective_chat_limit", "create_time", "update_time", "etag",
    ]
}

/// The roles that every tenant has (C34). The contract has a type of the shorter name.
typealias BuiltInRole = ServiceRuntime.Role

/// A set of permissions of the tenant's own (C34).
struct CustomRole: Sendable, Hashable {
    struct Fields: Sendable, Hashable {
        var displayName = ""
        var permissions: [Permission] = []
    }

    var name: String
    var fields: Fields
    var createTime: Instant
    var updateTime: Instant
    var version: Int64
}

extension CustomRole.Fields {
    static let writable: [WritableField<CustomRole.Fields>] = [
        .init("display_name", \.displayName), .init("permissions", \.permissions),
    ]
    static let outputOnly: Set<String> = ["name", "built_in", "create_time", "update_time", "etag"]
}

/// How a program of the tenant's calls (P8). The secret is known to nobody but its holder.
struct APIKey: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case active, expired, revoked
    }

    var id: APIKeyID
    var name: String
    var permissions: [Permission]
    var secretHash: [UInt8]
    var expires: Instant?
    var lastUse: Instant?
    var createTime: Instant
    var createdBy: String
    var revokeTime: Instant?
    var version: Int64

    func state(at now: Instant) -> State {
        if revokeTime != nil { return .revoked }
        return expires.map { $0 <= now } ?? false ? .expired : .active
    }
}
