import Testing
import WallTime

@testable import Routing

@Suite("Who gets it")
struct DistributionTests {
    @Test("S22: manual chooses nobody, but still says who could")
    func S22_manual() {
        let choice = Distribution.plain(.manual).choice(among: [.ready(1), .ready(2)])
        #expect(choice.outcome == .manual && choice.agent == nil && choice.verdicts.allSatisfy(\.isEligible))
    }

    @Test("C8: least-busy never picks a strictly busier agent; ties go to the longest idle, then to the smallest id")
    func C8_leastBusy() {
        var dice = Dice(8)
        for _ in 0..<20_000 {
            let agents = (1...dice.int(1...6)).map { number -> AgentFacts in
                var agent = AgentFacts.ready(number, load: dice.int(0...3), loadMax: dice.int(1...4))
                agent.lastAssigned = dice.flag() ? noon.advanced(by: .seconds(dice.int(-3...0))) : nil
                agent.presence = dice.element([.online, .online, .online, .reconnecting, .offline])
                return agent
            }
            let choice = Distribution.plain(.leastBusy).choice(among: agents)
            let eligible = choice.verdicts.filter(\.isEligible).map(\.agent)
            guard let id = choice.agent, let chosen = agents.first(where: { $0.id == id }) else {
                #expect(eligible.isEmpty && choice.outcome == .nobody)
                continue
            }
            func key(_ agent: AgentFacts) -> (Int, Int64, AgentID) {
                (agent.slot(.chat).load, (agent.lastAssigned ?? .earliest).microseconds, agent.id)
            }
            #expect(eligible.allSatisfy { key(chosen) <= key($0) })
            switch choice.tieBreak {
            case nil: #expect(eligible.count == 1)
            case .load: #expect(eligible.count { $0.slot(.chat).load == chosen.slot(.chat).load } == 1)
            case .lastAssigned, .agentID: #expect(eligible.count { $0.slot(.chat).load == chosen.slot(.chat).load } > 1)
            case let other?: Issue.record("\(other) is no tie-break of this method")
            }
        }
    }

    @Test("S20, S22: random is uniform over 100,000 draws (chi-square), whatever order the agents stand in")
    func S22_randomIsUniform() {
        let agents = (1...10).map { AgentFacts.ready($0) }
        var counts: [AgentID: Int] = [:]
        for number in 1...100_000 {
            let seed = SeededDraw.seed(.number(number), version: 1)
            let choice = Distribution.plain(.random, seed: seed).choice(among: agents)
            counts[choice.agent!, default: 0] += 1
            #expect(choice.tieBreak == .draw)
        }
        let expected = 100_000.0 / 10
        let chiSquare = agents.reduce(0.0) { sum, agent in
            let difference = Double(counts[agent.id, default: 0]) - expected
            return sum + difference * difference / expected
        }
        // 9 degrees of freedom: beyond 27.9 one time in a thousand; the seeds are fixed, so the figure is, too.
        #expect(chiSquare < 27.9, "chi-square \(chiSquare)")
        print("random: chi-square \(chiSquare) over 100,000 draws among 10")
        for number in 1...100 {
            let seed = SeededDraw.seed(.number(number), version: 7)
            let draw = Distribution.plain(.random, seed: seed)
            #expect(draw.choice(among: agents).agent == draw.choice(among: agents.reversed()).agent)
        }
    }

    @Test("random draws among the eligible alone")
    func randomAmongEligible() {
        for seed in 0..<500 as Range<UInt64> {
            let agents = [AgentFacts.ready(1, load: 5), .ready(2), .ready(3, load: 5), .ready(4)]
            #expect(
                [AgentID.number(2), .number(4)].contains(Distribution.plain(.random, seed: seed).choice(among: agents).agent))
        }
        #expect(Distribution.plain(.random).choice(among: []).outcome == .nobody)
    }

    @Test("C9: the owner gets it; an absent one is waited for, exactly so long, and then the fallback decides")
    func C9_owner() {
        var rule = Distribution.plain(.owner)
        rule.owner = .number(2)
        let present = rule.choice(among: [.ready(1), .ready(2, load: 4), .ready(3)])
        #expect(present.outcome == .offer && present.agent == .number(2) && present.tieBreak == .owner)

        var absent = AgentFacts.ready(2)
        absent.availability = .away
        #expect(rule.choice(among: [.ready(1), absent]).agent == .number(1), "the default is not to wait")
        rule.ownerWait = .seconds(120)
        for (after, waits) in [(0, true), (119_999, true), (120_000, false)] {
            rule.eligibility.now = noon.advanced(by: .milliseconds(after))
            let choice = rule.choice(among: [.ready(1), absent])
            #expect((choice.outcome == .waitForOwner) == waits)
            #expect(choice.nextTime == (waits ? noon.advanced(by: .seconds(120)) : nil))
            #expect(choice.agent == (waits ? nil : .number(1)))
            #expect(choice.verdicts.first { $0.agent.id == .number(1) }?.exclusions == (waits ? [.notOwner] : []))
        }
        rule.ownerFallback = .manual
        #expect(rule.choice(among: [.ready(1), absent]).outcome == .manual)
        // Nobody is waited for where nobody owns the contact.
        rule.owner = nil
        rule.eligibility.now = noon
        #expect(rule.choice(among: [.ready(1)]).outcome == .manual)
    }

    @Test("C13, C16: the last assignee is preferred in every method, if he is eligible, and opens it at once")
    func C13_lastAssignee() {
        for method in DistributionMethod.allCases {
            var rule = Distribution.plain(method)
            rule.lastAssignee = .number(3)
            let back = rule.choice(among: [.ready(1), .ready(3, load: 4)])
            #expect(back.outcome == .open && back.agent == .number(3) && back.tieBreak == .lastAssignee)
            let full = rule.choice(among: [.ready(1), .ready(3, load: 5)])
            #expect(full.agent != .number(3))
        }
    }

    @Test("a lapsed offer is looked at again when its agent has rested, where he is the only one")
    func restEnds() {
        var rule = Distribution.plain(.leastBusy)
        rule.eligibility.lapsed = LapsedOffer(agent: .number(1), ended: noon)
        let alone = rule.choice(among: [.ready(1)])
        #expect(alone.outcome == .nobody && alone.nextTime == noon.advanced(by: .seconds(30)))
        #expect(rule.choice(among: [.ready(1), .ready(2)]).agent == .number(2))
        // Nothing is gained by waiting where more than the rest stands in the way.
        #expect(rule.choice(among: [.ready(1, load: 5)]).nextTime == nil)
    }
}

@Suite("The order of a queue")
struct QueueOrderTests {
    @Test("C30, S3: by urgency if the department says so, then by arrival, then by id; total and strict")
    func C30_order() {
        var dice = Dice(30)
        for byPriority in [false, true] {
            let order = QueueOrder(byPriority: byPriority)
            for _ in 0..<500 {
                let places = (0..<dice.int(2...12)).map { number in
                    QueuePlace(
                        id: .number(number), priority: dice.element(Priority.allCases),
                        arrival: noon.advanced(by: .seconds(dice.int(0...3))))
                }
                var shuffled = places
                for index in shuffled.indices { shuffled.swapAt(index, dice.int(0...(shuffled.count - 1))) }
                let sorted = shuffled.sorted(by: order.precedes)
                #expect(sorted == places.sorted(by: order.precedes), "the order depends on who was processed first")
                for (one, next) in zip(sorted, sorted.dropFirst()) {
                    if byPriority { #expect(one.priority >= next.priority) }
                    if !byPriority || one.priority == next.priority {
                        #expect((one.arrival, one.id) < (next.arrival, next.id))
                    }
                    #expect(!order.precedes(next, one))
                }
            }
        }
    }
}
