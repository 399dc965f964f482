import EventLog
import FoundationEssentials
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Testing
import TicketsV1
import WallTime
import WorkingTime

@testable import Tickets

@Suite("Service levels")
struct ServiceLevelTests {
    /// Mondays to Fridays, 9 to 17 h.
    private static let weekdays = [Weekday.monday, .tuesday, .wednesday, .thursday, .friday].map {
        WeekdayHours(weekday: $0, intervals: [.init(startMinute: 540, endMinute: 1_020)])
    }

    @Test(
        "C31: the estimated resolution time is the clock's end in the calendar, recomputed and audited at each change"
    )
    func C31_estimatedResolution() async throws {
        try await withDesk { desk in
            let calendar = try #require(
                try await desk.sla.createCalendar(
                    .init(
                        calendar: .init(
                            displayName: "Office", timeZone: "America/Sao_Paulo", week: Self.weekdays)),
                    desk.caller()
                ).calendar)
            let ticket = try await desk.create(.init(subject: "a"))
            #expect(ticket.estimatedResolutionTime == nil && ticket.clocks.isEmpty)
            try await desk.policy([.resolution: 10], calendar: calendar.calendarID)
            try await desk.remeasure()
            // It began on a Saturday; ten hours of office are Monday and two hours of Tuesday, three hours behind UTC.
            let promised = try await desk.get(ticket.ticketID)
            #expect(
                promised.estimatedResolutionTime.map(Instant.init)
                    == Instant(rfc3339: "2026-09-29T14:00:00Z"))
            try desk.surroundings.clock.set(try #require(Instant(rfc3339: "2026-09-28T14:00:00Z")))
            let paused = try await desk.change(ticket.ticketID, .pending)
            #expect(paused.estimatedResolutionTime == nil && paused.clocks.map(\.state) == [.paused])
            #expect(paused.clocks[0].consumed == .init(seconds: 2 * 3_600))
            try desk.surroundings.clock.set(try #require(Instant(rfc3339: "2026-09-29T12:00:00Z")))
            let resumed = try await desk.change(ticket.ticketID, .open)
            #expect(
                resumed.estimatedResolutionTime.map(Instant.init)
                    == Instant(rfc3339: "2026-09-29T20:00:00Z"))
            // Tuesday becomes a holiday: what was consumed stays, the rest is Wednesday's.
            _ = try await desk.sla.updateCalendar(
                .init(
                    calendar: .init(
                        calendarID: calendar.calendarID,
                        specialDays: [.init(startDate: "2026-09-29", displayName: "Feast")])),
                desk.caller())
            try await desk.remeasure()
            let moved = try await desk.get(ticket.ticketID)
            #expect(
                moved.estimatedResolutionTime.map(Instant.init) == Instant(rfc3339: "2026-09-30T20:00:00Z"))
            let audited = try await desk.history(ticket.ticketID).filter { entry in
                entry.changes.contains { $0.path == "estimated_resolution_time" }
            }
            #expect(
                audited.map(\.kind) == [
                    "clocks_changed", "status_changed", "status_changed", "clocks_changed",
                ])
            #expect(audited.map(\.reason) == ["policy", "", "", "calendar"])
            let entries = try await desk.tickets.listClockEntries(
                .init(ticketID: ticket.ticketID), desk.caller()
            ).clockEntries
            #expect(entries.map(\.cause) == ["started", "policy", "status", "status", "calendar"])
            #expect(entries.map(\.calendarVersion) == [0, 1, 1, 1, 2])
            #expect(entries.last?.consumed == .init(seconds: 2 * 3_600))
        }
    }

    @Test("C32: ExplainPolicy tells what was decided: the decision and its explanation are one")
    func C32_explained() async throws {
        try await withDesk { desk in
            let urgent = try #require(
                try await desk.catalogue.listTicketPriorities(.init(), desk.caller()).priorities.first)
            let quick = try await desk.policy(
                [.resolution: 2], rank: 1, condition: .init(priorityIDs: [urgent.priorityID]))
            let slow = try await desk.policy([.resolution: 8], rank: 2)
            let ticket = try await desk.create(.init(subject: "a"))
            func explain() async throws -> PolicyExplanation {
                try #require(
                    try await desk.tickets.explainPolicy(.init(ticketID: ticket.ticketID), desk.caller())
                        .explanation)
            }
            var told = try await explain()
            #expect(told.verdicts.map(\.policyID) == [quick.policyID, slow.policyID])
            #expect(
                told.verdicts.map(\.matched) == [false, true]
                    && told.verdicts.map(\.considered) == [false, true])
            #expect(told.verdicts[0].conditions.map(\.field) == ["priority_ids"])
            #expect(told.targets.map(\.policyID) == [slow.policyID] && ticket.policyID == slow.policyID)
            // Another priority: half an hour consumed, the rest of the shorter promise is left.
            try desk.advance(.seconds(1_800))
            let hurried = try await desk.update(
                .init(ticketID: ticket.ticketID, priorityID: urgent.priorityID))
            #expect(
                hurried.policyID == quick.policyID && hurried.clocks[0].consumed == .init(seconds: 1_800))
            #expect(
                hurried.estimatedResolutionTime.map(Instant.init) == desk.now.advanced(by: .seconds(5_400)))
            told = try await explain()
            #expect(
                told.targets.map(\.policyID) == [quick.policyID]
                    && told.verdicts.map(\.considered) == [true, false])
            // Archived, it matches no more.
            _ = try await desk.sla.updateSlaPolicy(
                .init(policy: .init(policyID: quick.policyID, archived: true)), desk.caller())
            try await desk.remeasure()
            #expect(try await desk.get(ticket.ticketID).policyID == slow.policyID)
            // The strictest of those that match, whatever their order.
            _ = try await desk.policy([.resolution: 4], rank: 3)
            _ = try await desk.sla.updateTicketSettings(
                .init(settings: .init(strictest: true)), desk.caller())
            try await desk.remeasure()
            told = try await explain()
            #expect(told.strictest && told.targets[0].target == .init(seconds: 4 * 3_600))
            #expect(try await desk.get(ticket.ticketID).clocks[0].target == .init(seconds: 4 * 3_600))
        }
    }

    @Test(
        "G8: a warning and a breach are told once, stamped with the moments that were due, by two replicas over a restart"
    )
    func G8_toldOnce() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8], warn: 60)
            let begun = desk.now
            for number in 0..<20 { _ = try await desk.create(.init(subject: "\(number)")) }
            #expect(try await desk.alarms.fireDue() == false)
            // Nobody looked for three days.
            try desk.advance(.seconds(3 * 86_400))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { while try await desk.alarms.fireDue() {} } }
                try await group.waitForAll()
            }
            #expect(try await AlarmSettler(worker: desk.alarms).settle() == false)
            let (warnings, breaches) = (try await desk.events(.warned), try await desk.events(.breached))
            #expect(warnings.count == 20 && Set(warnings.map(\.news.ticketID)).count == 20)
            #expect(Set(warnings.map(\.time)) == [begun.advanced(by: .seconds(7 * 3_600))])
            #expect(
                breaches.count == 20
                    && Set(breaches.map(\.time)) == [begun.advanced(by: .seconds(8 * 3_600))])
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(breached: true), desk.caller()).tickets.first)
            #expect(
                ticket.clocks[0].breachTime.map(Instant.init) == begun.advanced(by: .seconds(8 * 3_600)))
            // Reopened, with another target: told once is told (C39).
            try await desk.change(ticket.ticketID, .resolved)
            try await desk.change(ticket.ticketID, .open)
            try await desk.policy([.resolution: 1], rank: 2)
            _ = try await desk.sla.updateTicketSettings(
                .init(settings: .init(strictest: true)), desk.caller())
            try await desk.remeasure()
            while try await desk.alarms.fireDue() {}
            #expect(try await desk.events(.breached).count == 20)
        }
    }

    @Test(
        "G8: what ran out before somebody changed the ticket is told with that change, when no worker has looked"
    )
    func G8_toldWithTheChange() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8])
            let ticket = try await desk.create(.init(subject: "a"))
            let due = desk.now.advanced(by: .seconds(8 * 3_600))
            try desk.advance(.seconds(9 * 3_600))
            try await desk.change(ticket.ticketID, .resolved)
            #expect(try await desk.events(.breached).map(\.time) == [due])
            #expect(try await desk.alarms.fireDue() == false)
        }
    }

    @Test("G8: a worker sleeps until the very moment, and wakes for one that comes earlier")
    func G8_wakesWhenDue() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8])
            _ = try await desk.create(.init(subject: "a"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await desk.alarms.run() }
                try desk.advance(.seconds(8 * 3_600) - .microseconds(1))
                #expect(try await desk.events(.breached).isEmpty)
                try desk.advance(.microseconds(1))
                while try await desk.events(.breached).isEmpty {
                    try await Task.sleep(for: .milliseconds(5))
                }
                group.cancelAll()
            }
            #expect(try await desk.events(.breached).map(\.time) == [desk.now])
        }
    }

    @Test("S41: calendars and policies are data, checked as a whole")
    func S41_checked() async throws {
        try await withDesk { desk in
            let admin = desk.caller()
            func calendar(_ calendar: TicketsV1.Calendar) async -> String? {
                await reason { _ = try await desk.sla.createCalendar(.init(calendar: calendar), admin) }
            }
            #expect(await calendar(.init(displayName: "a", timeZone: "Mars/Olympus")) == "INVALID_FIELD")
            #expect(
                await calendar(
                    .init(
                        displayName: "a", timeZone: "UTC",
                        week: [.init(weekday: .monday, intervals: [.init(startMinute: 600, endMinute: 500)])]))
                    == "INVALID_FIELD")
            #expect(
                await calendar(
                    .init(
                        displayName: "a", timeZone: "UTC",
                        week: [
                            .init(
                                weekday: .monday,
                                intervals: [
                                    .init(startMinute: 0, endMinute: 600), .init(startMinute: 500, endMinute: 700),
                                ])
                        ])) == "INVALID_FIELD")
            #expect(
                await calendar(
                    .init(
                        displayName: "a", timeZone: "UTC",
                        specialDays: [
                            .init(startDate: "2026-12-24", endDate: "2026-12-26"), .init(startDate: "2026-12-25"),
                        ]))
                    == "INVALID_FIELD")
            // Over midnight, and a day of its own.
            let night = TicketsV1.Calendar(
                displayName: "night", timeZone: "Asia/Kathmandu",
                week: [.init(weekday: .friday, intervals: [.init(startMinute: 1_320, endMinute: 1_800)])],
                specialDays: [
                    .init(startDate: "2026-12-24", intervals: [.init(startMinute: 0, endMinute: 60)])
                ])
            let stored = try #require(
                try await desk.sla.createCalendar(.init(calendar: night), admin).calendar)
            #expect(
                stored.week == night.week && stored.specialDays == night.specialDays && stored.version == 1)
            #expect(
                try await desk.sla.getCalendar(.init(calendarID: stored.calendarID), admin).calendar
                    == stored)
            #expect(await calendar(night) == "NAME_TAKEN")

            func policy(_ policy: TicketsV1.SlaPolicy) async -> String? {
                await reason { _ = try await desk.sla.createSlaPolicy(.init(policy: policy), admin) }
            }
            let target = SlaTarget(kind: .resolution, target: .init(seconds: 60))
            #expect(await policy(.init(displayName: "p", rank: 1)) == "INVALID_FIELD")
            #expect(
                await policy(.init(displayName: "p", rank: 1, targets: [target, target])) == "INVALID_FIELD"
            )
            #expect(
                await policy(
                    .init(
                        displayName: "p", rank: 1,
                        targets: [
                            .init(kind: .resolution, target: .init(seconds: 60), warnBefore: .init(seconds: 60))
                        ]))
                    == "INVALID_FIELD")
            #expect(
                await policy(
                    .init(displayName: "p", rank: 1, targets: [target], pauseStatuses: [.resolved]))
                    == "INVALID_FIELD")
            #expect(
                await policy(
                    .init(displayName: "p", rank: 1, targets: [target], calendarID: UUID.v7(at: .now).text))
                    == "CALENDAR_NOT_FOUND")
            #expect(await policy(.init(displayName: "p", rank: 1, targets: [target])) == nil)
            #expect(await policy(.init(displayName: "q", rank: 1, targets: [target])) == "RANK_TAKEN")
        }
    }
}
