import FoundationEssentials
import WallTime

/// One tenant of the platform (P2).
struct Tenant: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        case active
        /// Reads only.
        case suspended
    }

    var id: UUID
    var name: String
    var state: State
    var settings: TenantSettings
    var createTime: Instant
    var updateTime: Instant
    var version: Int64
}

/// What a tenant has chosen for all its departments.
struct TenantSettings: Sendable, Hashable, Codable {
    var locale = ""
    var timeZone = ""
    /// C22: agents see every department's conversations.
    var seesAllDepartments = false
    /// C40: where what no other rule gives a department goes.
    var defaultDepartment: UUID?
    /// C20: an agent may be handed a conversation though he is offline.
    var allowsOfflineTransfer = false
    var awayReasons: [String] = []
    var outcomes: [String] = []
    /// C6: of what no department gives a method; `nil`: manual.
    var method: DistributionMethod?
    /// C9; `nil`: the least busy, at once.
    var ownerFallback: DepartmentRules.OwnerFallback?
    /// C57; `nil`, also in rows of before: none.
    var labels: [String]?
}

extension TenantSettings {
    static let writable: [WritableField<TenantSettings>] = [
        .init("locale", \.locale), .init("time_zone", \.timeZone), .init("queue_visibility", \.seesAllDepartments),
        .init("default_department_id", \.defaultDepartment), .init("offline_transfer", \.allowsOfflineTransfer),
        .init("away_reasons", \.awayReasons), .init("outcomes", \.outcomes),
        .init("method", \.method), .init("owner_fallback", \.ownerFallback),
        .init("labels", \.labels),
    ]
}

extension DepartmentRules {
    /// With the tenant's word where the department has none (C6).
    func completed(by settings: TenantSettings) -> DepartmentRules {
        var rules = self
        rules.method = method ?? settings.method ?? .manual
        rules.ownerFallback = ownerFallback ?? settings.ownerFallback ?? OwnerFallback()
        return rules
    }
}
