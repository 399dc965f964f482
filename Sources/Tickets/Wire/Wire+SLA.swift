import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TicketsV1
import WallTime

extension StoredEntry {
    func wire(consumed: Swift.Duration) -> TicketsV1.ClockEntry {
        TicketsV1.ClockEntry(
            kind: kind.wire, number: Int32(clamping: number), occurTime: Timestamp(time),
            state: state.wire,
            target: targetMicroseconds.map { .init(.microseconds($0)) }, policyID: policyID.text,
            calendarID: (calendar?.calendarID).text,
            calendarVersion: Int32(clamping: calendar?.version ?? 0),
            consumed: .init(consumed), cause: cause)
    }
}

extension PolicyMatch {
    func wire(_ promises: Promises, at now: Instant) -> PolicyExplanation {
        PolicyExplanation(
            verdicts: verdicts.map { verdict in
                PolicyVerdict(
                    policyID: verdict.policyID.text, displayName: verdict.name, matched: verdict.isMatched,
                    considered: verdict.isConsidered,
                    conditions: verdict.conditions.map {
                        ConditionVerdict(field: $0.field, holds: $0.holds, value: $0.value)
                    })
            },
            targets: ClockKind.allCases.compactMap { kind in
                choices[kind].map { choice in
                    ChosenTarget(
                        kind: kind.wire, policyID: choice.policy.id.text, target: .init(choice.target.target),
                        dueTime: promises.calendar(of: choice.policy).instant(
                            after: choice.target.target, openSince: now
                        )
                        .map { Timestamp($0) })
                }
            }, strictest: promises.settings.strictest)
    }
}

extension SLACalendar {
    var wire: TicketsV1.Calendar {
        TicketsV1.Calendar(
            calendarID: id.text, etag: ETag(version).description, displayName: name,
            timeZone: hours.timeZone,
            week: hours.week.enumerated().filter { !$0.element.isEmpty }.map { index, intervals in
                WeekdayHours(weekday: Weekday(rawValue: Int32(index + 1)), intervals: intervals.map(\.wire))
            },
            specialDays: hours.special.map { special in
                SpecialDays(
                    startDate: CivilDate(daysSinceEpoch: special.first).text,
                    endDate: special.last == special.first
                        ? "" : CivilDate(daysSinceEpoch: special.last).text,
                    intervals: special.intervals.map(\.wire), displayName: special.name)
            }, archived: isArchived, version: Int32(clamping: hoursVersion))
    }
}

extension CalendarHours.Interval {
    fileprivate var wire: HourInterval {
        HourInterval(startMinute: Int32(clamping: start), endMinute: Int32(clamping: end))
    }
}

extension CivilDate {
    /// `2026-12-24`.
    var text: String {
        func padded(_ number: Int, _ digits: Int) -> String {
            String(repeating: "0", count: max(0, digits - "\(number)".count)) + "\(number)"
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// Nil unless the text is a day as `2026-12-24`.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year >= 1,
            (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

extension SLAPolicy {
    var wire: TicketsV1.SlaPolicy {
        TicketsV1.SlaPolicy(
            policyID: id.text, etag: ETag(version).description, displayName: name,
            rank: Int32(clamping: rank),
            condition: condition.wire,
            targets: ClockKind.allCases.compactMap { kind in
                targets[kind].map {
                    SlaTarget(
                        kind: kind.wire, target: .init($0.target), warnBefore: $0.warnBefore.map { .init($0) },
                        pauses: $0.pauses)
                }
            }, calendarID: calendarID.text,
            pauseStatuses: TicketStatus.allCases.filter(pauseStatuses.contains).map(\.wire),
            archived: isArchived)
    }
}

extension PolicyCondition {
    fileprivate var wire: TicketsV1.PolicyCondition? {
        if self == PolicyCondition() { return nil }
        return TicketsV1.PolicyCondition(
            types: types.compactMap(TicketType.init(rawValue:)).map(\.wire),
            priorityIDs: priorityIDs.map(\.text),
            categoryIDs: categoryIDs.map(\.text), serviceIDs: serviceIDs.map(\.text),
            departmentIDs: departmentIDs.map(\.text), labels: labels)
    }
}

extension TicketSettings {
    var wire: TicketsV1.TicketSettings {
        TicketsV1.TicketSettings(
            etag: ETag(version).description, numberPrefix: prefix, reopenWithin: .init(reopenWithin),
            strictest: strictest,
            requiredOnClose: requiredOnClose)
    }
}

extension Category {
    func wire(in tree: CategoryTree) -> TicketsV1.Category {
        TicketsV1.Category(
            categoryID: id.text, etag: ETag(version).description, displayName: name,
            parentCategoryID: parentID.text,
            archived: isArchived, ancestorCategoryIDs: tree.path(of: parentID).reversed().map(\.text))
    }
}

extension CatalogueEntry {
    var wire: TicketsV1.CatalogueService {
        TicketsV1.CatalogueService(
            serviceID: id.text, etag: ETag(version).description, displayName: name,
            categoryID: categoryID.text,
            departmentID: departmentID.text, archived: isArchived)
    }
}

extension TicketPriority {
    var wire: TicketsV1.TicketPriority {
        TicketsV1.TicketPriority(
            priorityID: id.text, etag: ETag(version).description, displayName: name,
            rank: Int32(clamping: rank),
            standard: isStandard, archived: isArchived)
    }
}
