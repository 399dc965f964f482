import Testing
import WallTime

@testable import Routing

@Suite("One look at a queue")
struct QueuePassTests {
    private static func waiting(_ number: Int, after seconds: Int, priority: Priority = .normal) -> ServedConversation {
        ServedConversation(
            id: .number(number), version: 1, state: .queued, stateTime: noon, department: .number(1), pool: .chat,
            isWebchat: false, priority: priority, labels: [], arrival: noon.advanced(by: .seconds(seconds)), waitsForAgent: true)
    }

    private static func snapshot(
        _ rules: DepartmentRules, _ queue: [ServedConversation], _ agents: [AgentFacts]
    ) -> Snapshot {
        Snapshot(
            department: .number(1), rules: rules, queue: queue, agents: agents, owners: [:],
            now: noon.advanced(by: .seconds(3_600)))
    }

    /// Some queue before some agents.
    private static func random(_ dice: inout Dice) -> Snapshot {
        var rules = DepartmentRules()
        rules.method = dice.element([.leastBusy, .random])
        rules.priorityOrder = dice.flag()
        let queue = (1...dice.int(1...12)).map { number in
            waiting(number, after: dice.int(0...4), priority: dice.element(Priority.allCases))
        }
        let agents = (1...dice.int(1...4)).map { AgentFacts.ready($0, load: dice.int(0...2), loadMax: dice.int(1...4)) }
        return snapshot(rules, queue, agents)
    }

    @Test("C30, S3, S21: who is placed stands before who is not, in the queue's order, and no agent is filled beyond his limit")
    func S3_noInversions() {
        var dice = Dice(3)
        var placed = 0
        for _ in 0..<3_000 {
            let snapshot = Self.random(&dice)
            let order = QueueOrder(byPriority: snapshot.rules.priorityOrder)
            var pass = snapshot.pass
            var (assigned, left): ([ServedConversation], [ServedConversation]) = ([], [])
            while let (conversation, choice) = pass.next() {
                guard let agent = choice.agent else {
                    left.append(conversation)
                    continue
                }
                assigned.append(conversation)
                pass.assigned(conversation, to: agent)
            }
            placed += assigned.count
            #expect(assigned.count + left.count == snapshot.queue.count)
            for (one, next) in zip(assigned + left, (assigned + left).dropFirst()) {
                #expect(order.precedes(one.place, next.place), "an inversion among equals")
            }
            for agent in pass.agents where agent.slot(.chat).load > agent.slot(.chat).loadMax {
                // Over the limit he was before, by force.
                #expect(snapshot.agents.contains { $0.id == agent.id && $0.slot(.chat) == agent.slot(.chat) })
            }
            let free = snapshot.agents.reduce(0) { $0 + max(0, $1.slot(.chat).loadMax - $1.slot(.chat).load) }
            #expect(assigned.count == min(free, snapshot.queue.count), "a slot stays free while somebody waits")
        }
        print("queue passes: 3,000, \(placed) conversations placed, 0 inversions")
    }

    @Test("guarantee 5: a dry run on a snapshot is the decision that is then carried out, for every conversation of the queue")
    func dryRun() {
        var dice = Dice(5)
        for _ in 0..<500 {
            let snapshot = Self.random(&dice)
            var pass = snapshot.pass
            var position = 0
            while let (conversation, choice) = pass.next() {
                position += 1
                let dry = snapshot.decision(on: conversation.id)
                #expect(dry?.choice == choice && dry?.position == position)
                if let agent = choice.agent { pass.assigned(conversation, to: agent) }
            }
            #expect(snapshot.decision(on: .number(9_999)) == nil)
        }
    }

    @Test("who turns out to be full is passed over, and the same conversation is decided again before the next")
    func full() {
        var rules = DepartmentRules()
        rules.method = .leastBusy
        let snapshot = Self.snapshot(
            rules, [Self.waiting(1, after: 0), Self.waiting(2, after: 1)], [.ready(1), .ready(2, load: 1)])
        var pass = snapshot.pass
        guard let first = pass.next() else { return }
        #expect(first.choice.agent == .number(1))
        pass.full(.number(1), .chat)
        pass.again(first.conversation)
        let second = pass.next()
        #expect(second?.conversation.id == .number(1) && second?.choice.agent == .number(2))
        #expect(pass.next()?.conversation.id == .number(2))
    }

    @Test("C7, C9: a queue is looked at again when a time comes that matters: an owner's, a rest's, the next opening")
    func nextTimes() {
        var rules = DepartmentRules()
        rules.method = .owner
        rules.ownerFallback = .init(wait: 7_200_000, method: .leastBusy)
        let contact = Identifier<ContactSubject>.number(7)
        var conversation = Self.waiting(1, after: 0)
        conversation.contact = contact
        var snapshot = Self.snapshot(rules, [conversation], [.ready(1)])
        snapshot.owners = [contact: .number(2)]
        var pass = snapshot.pass
        #expect(pass.next()?.choice.outcome == .waitForOwner)
        #expect(pass.nextTime == noon.advanced(by: .seconds(7_200)))
        rules.method = .leastBusy
        rules.workingHours = WorkingHours(
            timeZone: "UTC", week: [.init(weekday: 0, hours: .init(open: 0, close: 1))], holidays: [])
        var closed = Self.snapshot(rules, [conversation], [.ready(1)]).pass
        #expect(closed.next()?.choice.verdicts.first?.exclusions == [.outsideHours])
        #expect(closed.nextTime == rules.nextOpening(after: closed.now))
    }
}
