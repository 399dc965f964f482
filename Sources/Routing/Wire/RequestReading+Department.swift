import GoogleProtobuf
import RoutingV1
import ServiceRuntime

extension RequestReading {
    /// A department's fields, and which of them the request sets.
    mutating func department(
        _ wire: RoutingV1.Department, isNew: Bool
    ) -> (fields: DepartmentFields, populated: Set<String>) {
        var rules = DepartmentRules()
        rules.method = method(wire.method, "department.method")
        rules.ownerFallback = wire.ownerFallback.map { ownerFallback($0, "department.owner_fallback") }
        rules.priorityOrder = wire.priorityOrder
        rules.acceptMode = word(
            wire.acceptMode, "department.accept_mode", unspecified: .unspecified, default: .explicit,
            \DepartmentRules.AcceptMode.wire)
        rules.disconnectRule = word(
            wire.disconnectRule, "department.disconnect_rule", unspecified: .unspecified, default: .pending,
            \DepartmentRules.DisconnectRule.wire)
        rules.afterHours = word(
            wire.afterHours, "department.after_hours", unspecified: .unspecified, default: .queue,
            \DepartmentRules.AfterHours.wire)
        readTimes(of: wire, into: &rules)
        rules.pendingLimit = number(wire.pendingLimit, "department.pending_limit", 1...10_000)
        rules.chatLimit = number(wire.chatLimit, "department.chat_limit", 1...100) ?? Agent.chatLimitDefault
        rules.webchatRevive = wire.webchatRevive
        rules.skillLabels = words(wire.skillLabels, "department.skill_labels", max: 50)
        rules.workingHours = wire.workingHours.flatMap { workingHours($0) }
        let targets: [DepartmentID] = ids(
            wire.transferDepartmentIDs, "department.transfer_department_ids", max: 200)
        rules.transferDepartments = targets.map(\.uuid)
        rules.locale = locale(wire.locale, "department.locale")
        rules.timeZone = timeZone(wire.timeZone, "department.time_zone")
        rules.serviceType = violations.text(wire.serviceType, "department.service_type", 0...100)
        violations.text(wire.displayName, "department.display_name", (isNew ? 1 : 0)...100)
        return (DepartmentFields(name: wire.displayName, rules: rules), Self.populated(wire))
    }

    private mutating func readTimes(of wire: RoutingV1.Department, into rules: inout DepartmentRules) {
        let standard = DepartmentRules()
        let (hour, day) = (Swift.Duration.seconds(3_600), Swift.Duration.seconds(86_400))
        rules.offerTimeout = milliseconds(
            wire.offerTimeout, "department.offer_timeout", .seconds(1)...hour, default: standard.offerTimeout)
        rules.restoreWithin = milliseconds(
            wire.restoreWithin, "department.restore_within", .zero...day, default: standard.restoreWithin)
        rules.pendingRescue = milliseconds(
            wire.pendingRescue, "department.pending_rescue", .zero...day, default: standard.pendingRescue)
        rules.webchatGrace = milliseconds(
            wire.webchatGrace, "department.webchat_grace", .zero...hour, default: standard.webchatGrace)
        rules.botTimeout = milliseconds(
            wire.botTimeout, "department.bot_timeout", .seconds(1)...hour, default: standard.botTimeout)
    }

    /// `nil` for one that is not chosen.
    mutating func method(_ wire: RoutingV1.DistributionMethod, _ field: String) -> DistributionMethod? {
        if wire == .unspecified { return nil }
        return word(wire, field, unspecified: .unspecified, default: .manual, \DistributionMethod.wire)
    }

    mutating func ownerFallback(_ wire: RoutingV1.OwnerFallback, _ field: String) -> DepartmentRules.OwnerFallback {
        let method = word(
            wire.method, "\(field).method", unspecified: .unspecified, default: DistributionMethod.leastBusy, \.wire)
        violations.require(method != .owner, "\(field).method", "must be another than owner")
        return DepartmentRules.OwnerFallback(
            wait: milliseconds(wire.wait, "\(field).wait", .zero...(.seconds(86_400)), default: 0), method: method)
    }

    private mutating func workingHours(_ wire: RoutingV1.WorkingHours) -> WorkingHours? {
        let field = "department.working_hours"
        violations.text(wire.timeZone, "\(field).time_zone", 1...64)
        violations.require(wire.week.count <= 100, "\(field).week", "must be at most 100")
        violations.require(wire.holidays.count <= 400, "\(field).holidays", "must be at most 400")
        guard wire.week.count <= 100, wire.holidays.count <= 400 else { return nil }
        let week = wire.week.enumerated().map { index, weekly in
            WorkingHours.Weekly(
                weekday: weekday(weekly.weekday, "\(field).week[\(index)].weekday"),
                hours: interval(weekly.hours, "\(field).week[\(index)].hours"))
        }
        let holidays = wire.holidays.enumerated().map { index, holiday in
            let path = "\(field).holidays[\(index)]"
            violations.text(holiday.title, "\(path).title", 0...100)
            violations.require(holiday.hours.count <= 24, "\(path).hours", "must be at most 24")
            let hours = holiday.hours.prefix(24).enumerated().map { interval($1, "\(path).hours[\($0)]") }
            return WorkingHours.Holiday(
                first: holiday.firstDate, last: holiday.lastDate.isEmpty ? holiday.firstDate : holiday.lastDate,
                hours: hours, title: holiday.title)
        }
        guard violations.found.isEmpty else { return nil }
        let hours = WorkingHours(timeZone: wire.timeZone, week: week, holidays: holidays)
        do { _ = try hours.calendar() } catch { violations.add("\(field).\(error.field)", error.text) }
        return hours
    }

    private mutating func weekday(_ wire: RoutingV1.Weekday, _ field: String) -> Int {
        guard (1...7).contains(wire.rawValue) else {
            violations.add(field, "must be a day of the week", reason: "UNKNOWN")
            return 0
        }
        return Int(wire.rawValue) - 1
    }

    private mutating func interval(_ wire: RoutingV1.DayInterval?, _ field: String) -> WorkingHours.Interval {
        guard let wire else {
            violations.add(field, "is required", reason: "REQUIRED")
            return WorkingHours.Interval(open: 0, close: 1)
        }
        let (open, close) = (Int(wire.openMinute), Int(wire.closeMinute))
        violations.require((0..<1_440).contains(open), "\(field).open_minute", "must be 0 to 1439")
        violations.require(
            close > open && close - open <= 1_440, "\(field).close_minute", "must be 1 to 1440 minutes after the opening")
        return WorkingHours.Interval(open: open, close: close)
    }

    private static func populated(_ wire: RoutingV1.Department) -> Set<String> {
        let set: [(String, Bool)] = [
            ("display_name", !wire.displayName.isEmpty), ("method", wire.method != .unspecified),
            ("owner_fallback", wire.ownerFallback != nil), ("priority_order", wire.priorityOrder),
            ("accept_mode", wire.acceptMode != .unspecified), ("offer_timeout", wire.offerTimeout != nil),
            ("disconnect_rule", wire.disconnectRule != .unspecified), ("restore_within", wire.restoreWithin != nil),
            ("pending_rescue", wire.pendingRescue != nil), ("pending_limit", wire.pendingLimit != 0),
            ("chat_limit", wire.chatLimit != 0), ("webchat_grace", wire.webchatGrace != nil),
            ("webchat_revive", wire.webchatRevive), ("bot_timeout", wire.botTimeout != nil),
            ("after_hours", wire.afterHours != .unspecified), ("skill_labels", !wire.skillLabels.isEmpty),
            ("working_hours", wire.workingHours != nil), ("transfer_department_ids", !wire.transferDepartmentIDs.isEmpty),
            ("locale", !wire.locale.isEmpty), ("time_zone", !wire.timeZone.isEmpty),
            ("service_type", !wire.serviceType.isEmpty),
        ]
        return Set(set.filter(\.1).map(\.0))
    }
}
