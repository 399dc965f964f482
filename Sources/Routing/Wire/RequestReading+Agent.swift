import RoutingV1
import ServiceRuntime

extension RequestReading {
    /// An agent's fields, and which of them the request sets.
    mutating func agent(_ wire: RoutingV1.Agent, isNew: Bool) -> (fields: AgentFields, populated: Set<String>) {
        violations.text(wire.displayName, "agent.display_name", (isNew ? 1 : 0)...200)
        let fields = AgentFields(
            name: wire.displayName, roles: words(wire.roles, "agent.roles", max: 10, length: 1...40),
            departments: ids(wire.departmentIDs, "agent.department_ids", max: 200),
            chatLimit: number(wire.chatLimit, "agent.chat_limit", 1...100),
            emailLimit: number(wire.emailLimit, "agent.email_limit", 1...1_000),
            skills: words(wire.skills, "agent.skills", max: 50), locale: locale(wire.locale, "agent.locale"),
            timeZone: timeZone(wire.timeZone, "agent.time_zone"))
        let set: [(String, Bool)] = [
            ("display_name", !wire.displayName.isEmpty), ("roles", !wire.roles.isEmpty),
            ("department_ids", !wire.departmentIDs.isEmpty), ("chat_limit", wire.chatLimit != 0),
            ("email_limit", wire.emailLimit != 0), ("skills", !wire.skills.isEmpty), ("locale", !wire.locale.isEmpty),
            ("time_zone", !wire.timeZone.isEmpty),
        ]
        return (fields, Set(set.filter(\.1).map(\.0)))
    }

    mutating func settings(_ wire: RoutingV1.TenantSettings) -> (settings: TenantSettings, populated: Set<String>) {
        let department: DepartmentID? = optionalID(wire.defaultDepartmentID, "settings.default_department_id")
        let known: [RoutingV1.QueueVisibility] = [.unspecified, .departments, .all]
        violations.require(
            known.contains(wire.queueVisibility), "settings.queue_visibility", "is none of the known values", reason: "UNKNOWN")
        let settings = TenantSettings(
            locale: locale(wire.locale, "settings.locale"), timeZone: timeZone(wire.timeZone, "settings.time_zone"),
            seesAllDepartments: wire.queueVisibility == .all, defaultDepartment: department?.uuid,
            allowsOfflineTransfer: wire.offlineTransfer,
            awayReasons: words(wire.awayReasons, "settings.away_reasons", max: 50),
            outcomes: words(wire.outcomes, "settings.outcomes", max: 50), method: method(wire.method, "settings.method"),
            ownerFallback: wire.ownerFallback.map { ownerFallback($0, "settings.owner_fallback") },
            labels: words(wire.labels, "settings.labels", max: 500))
        let set: [(String, Bool)] = [
            ("locale", !wire.locale.isEmpty), ("time_zone", !wire.timeZone.isEmpty),
            ("queue_visibility", wire.queueVisibility != .unspecified),
            ("default_department_id", !wire.defaultDepartmentID.isEmpty), ("offline_transfer", wire.offlineTransfer),
            ("away_reasons", !wire.awayReasons.isEmpty), ("outcomes", !wire.outcomes.isEmpty),
            ("method", wire.method != .unspecified), ("owner_fallback", wire.ownerFallback != nil),
            ("labels", !wire.labels.isEmpty),
        ]
        return (settings, Set(set.filter(\.1).map(\.0)))
    }

    mutating func role(_ wire: RoutingV1.Role) -> (fields: CustomRole.Fields, populated: Set<String>) {
        violations.text(wire.displayName, "role.display_name", 0...100)
        let fields = CustomRole.Fields(
            displayName: wire.displayName, permissions: permissions(wire.permissions, "role.permissions"))
        let set = [("display_name", !wire.displayName.isEmpty), ("permissions", !wire.permissions.isEmpty)]
        return (fields, Set(set.filter(\.1).map(\.0)))
    }

    /// A role's name.
    mutating func roleName(_ name: String, _ field: String) -> String {
        violations.text(name, field, 1...40)
        // A number is no name: it may be somebody's, and errors repeat a role's name.
        let isWord = name.wholeMatch(of: /[a-z][a-z0-9_-]{0,39}/) != nil
        violations.require(isWord, field, "must be letters, digits, - and _, in lower case, the first a letter")
        return name
    }
}
