import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

/// Calendars, policies and settings.
struct SlaService: SlaServiceProtocol {
    static let nameMax = 100

    let surroundings: Surroundings
}

extension SlaService {
    func createCalendar(_ request: CreateCalendarRequest, _ context: ServerContext) async throws
        -> CreateCalendarResponse
    {
        var violations = Violations()
        violations.require(request.calendar != nil, "calendar", "is required", reason: "REQUIRED")
        let wire = request.calendar ?? TicketsV1.Calendar()
        violations.line(wire.displayName, "calendar.display_name", 1...Self.nameMax)
        let hours = CalendarHours(wire, &violations, needsZone: true)
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            guard try await work.store.calendars().count < TicketStore.calendarsMax else {
                throw TicketsError.catalogueFull(max: TicketStore.calendarsMax)
            }
            let calendar = SLACalendar(
                id: .v7(at: work.now), name: wire.displayName, hours: hours, isArchived: wire.archived)
            try await work.unique { try await work.store.put(calendar) }
            try await work.store.insertHours(of: calendar, at: work.now)
            work.audit(calendar.id.text)
            return CreateCalendarResponse(calendar: calendar.wire)
        }
    }

    func getCalendar(_ request: GetCalendarRequest, _ context: ServerContext) async throws
        -> GetCalendarResponse
    {
        var violations = Violations()
        let id = violations.id(request.calendarID, "calendar_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            GetCalendarResponse(calendar: try await work.calendar(id).wire)
        }
    }

    func listCalendars(_ request: ListCalendarsRequest, _ context: ServerContext) async throws
        -> ListCalendarsResponse
    {
        try await surroundings.read(context) { work in
            let shown = try await work.store.calendars().filter { request.archived || !$0.isArchived }
            return ListCalendarsResponse(calendars: shown.map(\.wire))
        }
    }

    func updateCalendar(_ request: UpdateCalendarRequest, _ context: ServerContext) async throws
        -> UpdateCalendarResponse
    {
        var violations = Violations()
        violations.require(request.calendar != nil, "calendar", "is required", reason: "REQUIRED")
        let wire = request.calendar ?? TicketsV1.Calendar()
        let id = violations.id(wire.calendarID, "calendar.calendar_id")
        violations.line(wire.displayName, "calendar.display_name", 0...Self.nameMax)
        let hours = CalendarHours(wire, &violations, needsZone: false)
        try violations.check()
        var populated: Set<String> = []
        if !wire.displayName.isEmpty { populated.insert("display_name") }
        if !wire.timeZone.isEmpty { populated.insert("time_zone") }
        if !wire.week.isEmpty { populated.insert("week") }
        if !wire.specialDays.isEmpty { populated.insert("special_days") }
        if wire.archived { populated.insert("archived") }
        let mask = try UpdateMask(
            request.updateMask,
            writable: ["display_name", "time_zone", "week", "special_days", "archived"],
            outputOnly: ["calendar_id", "etag", "version"], populated: populated)
        try mask.requireName(wire.displayName, "calendar.display_name")
        if mask.contains("time_zone"), wire.timeZone.isEmpty {
            throw Failure.invalid("calendar.time_zone", "is required", reason: "REQUIRED")
        }
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            var calendar = try await work.calendar(id)
            try calendar.version.check(version)
            let before = calendar
            if mask.contains("display_name") { calendar.name = wire.displayName }
            if mask.contains("archived") { calendar.isArchived = wire.archived }
            if mask.contains("time_zone") { calendar.hours.timeZone = hours.timeZone }
            if mask.contains("week") { calendar.hours.week = hours.week }
            if mask.contains("special_days") { calendar.hours.special = hours.special }
            if calendar != before {
                try await work.store(&calendar, before)
                work.audit(id.text, paths: mask.paths.sorted())
            }
            return UpdateCalendarResponse(calendar: calendar.wire)
        }
    }
}

extension Work {
    func calendar(_ id: UUID) async throws -> SLACalendar {
        guard let calendar = try await store.calendars().first(where: { $0.id == id }) else {
            throw TicketsError.notFound(.calendar, id)
        }
        return calendar
    }

    /// Other hours are another version; clocks that run in the calendar go over to it as of now.
    fileprivate func store(_ calendar: inout SLACalendar, _ before: SLACalendar) async throws {
        calendar.version += 1
        let isOther = calendar.hours != before.hours
        if isOther { calendar.hoursVersion += 1 }
        let changed = calendar
        try await unique { try await store.put(changed) }
        guard isOther else { return }
        try await store.insertHours(of: calendar, at: now)
        remeasure("calendar", "\(calendar.id.text)/\(calendar.version)")
    }
}
