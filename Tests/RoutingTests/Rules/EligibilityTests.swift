import Testing
import WallTime

@testable import Routing

@Suite("Who may get a conversation")
struct EligibilityTests {
    /// One fact that speaks against an agent, and the reason that names it.
    private static let obstacles: [(Exclusion, @Sendable (inout AgentFacts, inout Eligibility) -> Void)] = [
        (.deactivated, { agent, _ in agent.isActive = false }),
        (.notAllowed, { agent, _ in agent.mayServe = false }),
        (.notMember, { agent, _ in agent.departments = [.number(2)] }),
        (.offline, { agent, _ in agent.presence = .offline }),
        (.away, { agent, _ in agent.availability = .away }),
        (.outsideHours, { _, rule in rule.isOpen = false }),
        (.skillMissing, { _, rule in rule.neededSkills = ["latin"] }),
        (.atLimit, { agent, _ in agent.slots[.chat] = .init(load: 5, loadMax: 5) }),
        (.offeredBefore, { agent, rule in rule.lapsed = LapsedOffer(agent: agent.id, ended: noon) }),
        (.restoring, { agent, _ in agent.isRestoring = true }),
    ]

    @Test("C7: every combination of obstacles is told whole, and only without any is an agent eligible")
    func C7_everyCombination() {
        for mask in 0..<(1 << Self.obstacles.count) {
            var (agent, rule) = (AgentFacts.ready(1), Eligibility.plain)
            var expected: [Exclusion] = []
            for (index, obstacle) in Self.obstacles.enumerated() where mask & (1 << index) != 0 {
                obstacle.1(&agent, &rule)
                expected.append(obstacle.0)
            }
            let verdict = rule.verdict(on: agent)
            #expect(Set(verdict.exclusions) == Set(expected))
            #expect(verdict.isEligible == expected.isEmpty)
            #expect(verdict.missingSkills == (expected.contains(.skillMissing) ? ["latin"] : []))
        }
    }

    @Test("C7, C35: reconnecting is offered nothing; signed out is as absent as away")
    func C35_reconnecting() {
        var agent = AgentFacts.ready(1)
        agent.presence = .reconnecting
        #expect(Eligibility.plain.verdict(on: agent).exclusions == [.reconnecting])
        agent.presence = .online
        agent.availability = .offline
        #expect(Eligibility.plain.verdict(on: agent).exclusions == [.away])
    }

    @Test("S21, C10: an agent at the limit of the conversation's own pool is never eligible, one below it is")
    func S21_limit() {
        for loadMax in 0...6 {
            for load in 0...7 {
                for weight in 0...2 {
                    var agent = AgentFacts.ready(1)
                    agent.slots = [.chat: .init(load: load, loadMax: loadMax), .email: .init(load: 0, loadMax: 20)]
                    var rule = Eligibility.plain
                    rule.weight = weight
                    #expect(rule.verdict(on: agent).isEligible == (load + weight <= loadMax))
                    rule.pool = .email
                    #expect(rule.verdict(on: agent).isEligible)
                }
            }
        }
    }

    @Test("C40: what belongs to no department may go to everybody")
    func C40_noDepartment() {
        var rule = Eligibility.plain
        rule.department = nil
        var agent = AgentFacts.ready(1)
        agent.departments = []
        #expect(rule.verdict(on: agent).isEligible)
    }

    @Test("C14: a lapsed offer keeps its agent out for 30 s, and nobody else; another's offer in between frees him")
    func C14_rest() {
        let lapsed = LapsedOffer(agent: .number(1), ended: noon)
        for (after, excluded) in [(0, true), (29_999, true), (30_000, false), (60_000, false)] {
            let now = noon.advanced(by: .milliseconds(after))
            #expect(lapsed.excludes(.number(1), at: now) == excluded, "\(after) ms after it")
            #expect(!lapsed.excludes(.number(2), at: now))
        }
        // What is remembered is the last offer alone: another's has taken the place.
        #expect(!LapsedOffer(agent: .number(2), ended: noon).excludes(.number(1), at: noon))
    }
}

@Suite("Offers")
struct OfferTests {
    @Test("C14: three missed in a row set an available agent away, whatever ends the row")
    func C14_missedOffers() {
        var dice = Dice(14)
        for _ in 0..<2_000 {
            let ends = (0..<dice.int(0...8)).map { _ in dice.element(OfferEnd.allCases) }
            let missed = ends.reduce(0) { $1.missed(after: $0) }
            // The row: what was missed since the last answer.
            let row = ends.split(omittingEmptySubsequences: false) { $0 == .accepted || $0 == .declined }.last ?? []
            #expect(missed == row.filter { $0 == .timedOut }.count)
            let away = AgentStatus.available(at: noon).missing(missed, at: noon)
            #expect((away != nil) == (missed >= 3))
            #expect(away.map { $0.availability == .away && $0.reason == "missed_offers" && $0.changedBy == nil } ?? true)
        }
        let gone = AgentStatus(availability: .offline, changed: noon)
        #expect(gone.missing(3, at: noon) == nil)
    }

    @Test("C56: an absence ends at its time, exactly, and only for somebody who is online")
    func C56_until() {
        let until = noon.advanced(by: .seconds(600))
        let away = AgentStatus(availability: .away, reason: "lunch", until: until, changed: noon)
        let before = until.advanced(by: .microseconds(-1))
        for presence in Presence.allCases {
            #expect(away.elapsed(at: before, presence: presence) == away)
            let after = away.elapsed(at: until, presence: presence)
            #expect((after.availability == .available) == (presence == .online))
        }
        let openEnd = AgentStatus(availability: .away, changed: noon)
        #expect(openEnd.elapsed(at: .latest, presence: .online) == openEnd)
        #expect(
            AgentStatus(availability: .offline, changed: noon).elapsed(at: .latest, presence: .online).availability == .offline)
    }
}
