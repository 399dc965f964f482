import EventLog
import FoundationEssentials
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime

// Values of the domain as values of the contract. The other way is RequestReading's.

extension Tenant {
    var wire: RoutingV1.Tenant {
        RoutingV1.Tenant(
            tenantID: id.text, displayName: name, state: state == .active ? .active : .suspended, settings: settings.wire,
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime), etag: ETag(version).description)
    }
}

extension TenantSettings {
    var wire: RoutingV1.TenantSettings {
        RoutingV1.TenantSettings(
            locale: locale, timeZone: timeZone, queueVisibility: seesAllDepartments ? .all : .departments,
            defaultDepartmentID: defaultDepartment?.text ?? "", offlineTransfer: allowsOfflineTransfer,
            awayReasons: awayReasons, outcomes: outcomes, method: method?.wire ?? .unspecified,
            ownerFallback: ownerFallback?.wire, labels: labels ?? [])
    }
}

extension Agent {
    var wire: RoutingV1.Agent {
        RoutingV1.Agent(
            agentID: id.description, displayName: fields.name, state: state == .active ? .active : .deactivated,
            roles: fields.roles, departmentIDs: fields.departments.map(\.description),
            chatLimit: Int32(fields.chatLimit ?? 0), emailLimit: Int32(fields.emailLimit ?? 0), skills: fields.skills,
            locale: fields.locale, timeZone: fields.timeZone, status: status.wire, presence: presence.wire,
            effectiveChatLimit: Int32(chatLimit), createTime: Timestamp(createTime), updateTime: Timestamp(updateTime),
            etag: ETag(version).description)
    }
}

extension AgentStatus {
    var wire: RoutingV1.AgentStatus {
        RoutingV1.AgentStatus(
            availability: availability.wire, reason: reason, untilTime: until.map(Timestamp.init),
            changeTime: Timestamp(changed), changedBy: changedBy?.description ?? "")
    }
}

extension AgentStatus.Availability {
    var wire: RoutingV1.AvailabilityState {
        switch self {
        case .available: .available
        case .away: .away
        case .offline: .offline
        }
    }
}

extension Presence {
    var wire: RoutingV1.PresenceState {
        switch self {
        case .online: .online
        case .reconnecting: .reconnecting
        case .offline: .offline
        }
    }
}

extension CustomRole {
    var wire: RoutingV1.Role {
        RoutingV1.Role(
            name: name, displayName: fields.displayName, permissions: fields.permissions.map(\.rawValue),
            createTime: Timestamp(createTime), updateTime: Timestamp(updateTime), etag: ETag(version).description)
    }
}

extension BuiltInRole {
    /// A built-in role, which every tenant has.
    var wire: RoutingV1.Role {
        RoutingV1.Role(name: rawValue, permissions: permissions.map(\.rawValue).sorted(), builtIn: true)
    }
}

extension APIKey {
    func wire(at now: Instant) -> RoutingV1.ApiKey {
        RoutingV1.ApiKey(
            apiKeyID: id.description, displayName: name, permissions: permissions.map(\.rawValue), state: state(at: now).wire,
            expireTime: expires.map(Timestamp.init), lastUseTime: lastUse.map(Timestamp.init),
            createTime: Timestamp(createTime), createdBy: createdBy, revokeTime: revokeTime.map(Timestamp.init),
            etag: ETag(version).description)
    }
}

extension APIKey.State {
    fileprivate var wire: RoutingV1.ApiKeyState {
        switch self {
        case .active: .active
        case .expired: .expired
        case .revoked: .revoked
        }
    }
}
