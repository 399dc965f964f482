import Testing
import WallTime

@testable import Routing

@Suite("Working hours")
struct WorkingHoursTests {
    private static let office = WorkingHours(
        timeZone: "America/Sao_Paulo",
        week: (0..<5).map { .init(weekday: $0, hours: .init(open: 9 * 60, close: 18 * 60)) },
        holidays: [.init(first: "2026-12-24", last: "2026-12-31", hours: [], title: "Closed")])

    @Test("C35: a department works by its own wall clock, closes on its holidays, and says when it opens next")
    func C35_hours() throws {
        var rules = DepartmentRules()
        #expect(rules.isOpen(at: noon) && rules.nextOpening(after: noon) == nil)
        rules.workingHours = Self.office
        // Friday 2026-11-27 in Sao Paulo, three hours behind UTC.
        let cases = [
            ("2026-11-27T11:59:59.999999Z", false), ("2026-11-27T12:00:00Z", true), ("2026-11-27T20:59:59.999999Z", true),
            ("2026-11-27T21:00:00Z", false), ("2026-11-28T15:00:00Z", false), ("2026-12-24T15:00:00Z", false),
        ]
        for (text, open) in cases {
            let instant = try #require(Instant(rfc3339: text))
            #expect(rules.isOpen(at: instant) == open, "\(text)")
        }
        let evening = try #require(Instant(rfc3339: "2026-11-27T21:00:00Z"))
        #expect(rules.nextOpening(after: evening) == Instant(rfc3339: "2026-11-30T12:00:00Z"))
        let eve = try #require(Instant(rfc3339: "2026-12-24T00:00:00Z"))
        #expect(rules.nextOpening(after: eve) == Instant(rfc3339: "2027-01-01T12:00:00Z"))
    }

    @Test("hours that are none are refused with the field that is wrong")
    func refusals() {
        func problem(_ change: (inout WorkingHours) -> Void) -> String? {
            var hours = Self.office
            change(&hours)
            do throws(WorkingHoursProblem) {
                _ = try hours.calendar()
                return nil
            } catch {
                return error.field
            }
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.timeZone = "Mars/Olympus" } == "time_zone")
        #expect(problem { $0.week.append(.init(weekday: 0, hours: .init(open: 600, close: 700))) } == "week")
        #expect(problem { $0.week[0].hours = .init(open: 700, close: 600) } == "week")
        #expect(problem { $0.holidays[0].first = "2026-02-30" } == "holidays[0].first_date")
        #expect(problem { $0.holidays[0].last = "2026-12-01" } == "holidays[0].first_date")
        #expect(problem { $0.holidays.append($0.holidays[0]) } == "holidays")
    }
}

@Suite("The picker of a transfer")
struct TransferRuleTests {
    private static let rule = TransferRule(
        assignee: .number(1), department: .number(1), isWebchat: false, takesSlot: true, pool: .chat, weight: 1)

    @Test("C20: himself, offline, full and unreachable ones are refused, each with its reason; the matrix cannot be forced")
    func C20_agents() {
        #expect(Self.rule.refusal(of: .ready(1)) == .toSelf)
        #expect(Self.rule.refusal(of: .ready(2)) == nil)
        #expect(Self.rule.refusal(of: .ready(2, load: 5)) == .agentAtCapacity)
        var absent = AgentFacts.ready(2)
        for presence in [Presence.reconnecting, .offline] {
            absent.presence = presence
            #expect(Self.rule.refusal(of: absent) == .agentOffline)
        }
        var rule = Self.rule
        rule.allowsOfflineTransfer = true
        #expect(rule.refusal(of: absent) == nil)
        rule.takesSlot = false
        #expect(rule.refusal(of: .ready(2, load: 5)) == nil, "a paused one takes no slot")
        rule.allowedDepartments = [.number(3)]
        var elsewhere = AgentFacts.ready(2)
        elsewhere.departments = [.number(2)]
        #expect(rule.refusal(of: elsewhere) == .notAllowed)
        elsewhere.departments = [.number(3)]
        #expect(rule.refusal(of: elsewhere) == nil)
        #expect(TransferRefusal.allCases.filter { !$0.isForceable } == [.toSelf, .notAllowed])
    }

    @Test("C20: a department is always allowed, the own one too, but a web chat needs somebody available")
    func C20_departments() {
        var rule = Self.rule
        #expect(rule.refusal(of: .number(1), hasAvailable: false) == nil)
        #expect(rule.refusal(of: .number(2), hasAvailable: false) == nil)
        rule.isWebchat = true
        #expect(rule.refusal(of: .number(2), hasAvailable: false) == .nobodyAvailable)
        #expect(rule.refusal(of: .number(2), hasAvailable: true) == nil)
        rule.allowedDepartments = [.number(3)]
        #expect(rule.refusal(of: .number(2), hasAvailable: true) == .notAllowed)
        #expect(rule.refusal(of: .number(1), hasAvailable: true) == nil)
    }
}
