import FoundationEssentials
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime
import WorkingTime

// What routing publishes, as conversations keep it.

extension Directory.Tenant {
    init(_ wire: RoutingV1.Tenant) {
        let settings = wire.settings ?? TenantSettings()
        self.init(
            name: wire.displayName, isSuspended: wire.state == .suspended,
            seesAllDepartments: settings.queueVisibility == .all, defaultDepartmentID: UUID(id: settings.defaultDepartmentID),
            allowsOfflineTransfer: settings.offlineTransfer, locale: settings.locale, timeZone: settings.timeZone,
            outcomes: settings.outcomes, labels: settings.labels)
    }
}

extension Directory.Department {
    /// `nil` for one without an id, which routing never sends.
    init?(_ wire: RoutingV1.Department) {
        guard let id = UUID(id: wire.departmentID) else { return nil }
        self.init(
            id: id, name: wire.displayName, isArchived: wire.state == .archived, successorID: UUID(id: wire.successorID),
            acceptsOnReply: wire.acceptMode == .onReply, pendingLimit: wire.pendingLimit == 0 ? nil : Int(wire.pendingLimit),
            requeuesOnDisconnect: wire.disconnectRule == .requeueFront, staysWithBot: wire.afterHours == .stayWithBot,
            botTimeout: wire.botTimeout.map { Swift.Duration($0) } ?? Self.botTimeout,
            transferDepartmentIDs: Set(wire.transferDepartmentIDs.compactMap { UUID(id: $0) }), locale: wire.locale,
            timeZone: wire.timeZone, serviceType: wire.serviceType)
    }
}

extension Directory.Agent {
    /// `nil` for one without an id, which routing never sends.
    init?(_ wire: RoutingV1.Agent) {
        guard let id = UUID(id: wire.agentID) else { return nil }
        let isDeactivated = wire.state == .deactivated
        self.init(
            id: id, name: wire.displayName, isDeactivated: isDeactivated,
            departmentIDs: Set(wire.departmentIDs.compactMap { UUID(id: $0) }), presence: Presence(wire.presence),
            wantsWork: wire.status?.availability == .available,
            // Nothing more fits who works here no more: what is being given to him right now is refused, too.
            loadMax: isDeactivated ? 0 : wire.effectiveChatLimit,
            emailLoadMax: isDeactivated ? 0 : wire.emailLimit == 0 ? Self.emailLoadMaxDefault : wire.emailLimit,
            locale: wire.locale, timeZone: wire.timeZone)
    }

    /// C10.
    private static let emailLoadMaxDefault: Int32 = 20
}

extension Directory.Agent.Presence {
    fileprivate init(_ wire: PresenceState) {
        switch wire {
        case .online: self = .online
        case .reconnecting: self = .reconnecting
        case .offline, .unspecified, .unrecognized: self = .offline
        }
    }
}

extension WorkingCalendar {
    /// Hours as the contract writes them. Routing has looked at them; should this system's zones lack one, `nil`, and the
    /// department counts as open, so that nobody waits for ever.
    init?(contract bytes: [UInt8]) {
        guard let wire = try? RoutingV1.WorkingHours(serialized: bytes), let zone = try? ZoneRules(wire.timeZone) else {
            return nil
        }
        var week = Array(repeating: [Range<Int>](), count: 7)
        for weekly in wire.week {
            let weekday = Int(weekly.weekday.rawValue) - 1
            guard week.indices.contains(weekday), let hours = weekly.hours?.seconds else { return nil }
            week[weekday].append(hours)
        }
        let exceptions = wire.holidays.compactMap(Exception.init)
        guard let days = try? week.map({ try DayHours($0) }), exceptions.count == wire.holidays.count,
            let calendar = try? WorkingCalendar(zone: zone, week: days, exceptions: exceptions)
        else { return nil }
        self = calendar
    }
}

extension WorkingCalendar.Exception {
    fileprivate init?(_ wire: Holiday) {
        let last = wire.lastDate.isEmpty ? wire.firstDate : wire.lastDate
        guard let first = Int(daysOfDate: wire.firstDate), let last = Int(daysOfDate: last), first <= last,
            let hours = try? DayHours(wire.hours.map(\.seconds))
        else { return nil }
        self.init(days: first...last, hours: hours)
    }
}

extension DayInterval {
    /// Seconds after midnight.
    fileprivate var seconds: Range<Int> {
        let open = max(0, Int(openMinute)) * 60
        return open..<max(open, Int(closeMinute) * 60)
    }
}

extension Int {
    /// Days since 1970-01-01 of a date as in 2026-12-24.
    fileprivate init?(daysOfDate text: String) {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(parts[1]), parts[2] >= 1,
            parts[2] <= CivilDate.days(in: parts[1], of: parts[0])
        else { return nil }
        self = CivilDate(year: parts[0], month: parts[1], day: parts[2]).daysSinceEpoch
    }
}
