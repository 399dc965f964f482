import Trials

extension DayScript {
    /// Ticks of one evening; of the dusk after it, in which the team's connections end; and of the morning after.
    private static let (evening, dusk, morning) = (340, 8, 60)
    /// A heartbeat younger than this makes an agent online, so that no step may be as long.
    private static let stepMax = 9
    /// All of one department lose their connection for so long that its web chats expire.
    private static let outage = (department: 3, ticks: 150..<176)

    /// - Parameter count: customers who write.
    init(seed: UInt64, count: Int) {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        times = Self.times(&random)
        let end = Self.evening + Self.dusk
        shifts = [0..<Self.evening, end + Self.nightJumps.count..<times.count]
        silences = Self.silences(times, &random)
        stops = Self.stops(times)
        visits = (0..<count).map { Self.visit($0, of: count, &random) }
    }

    // MARK: - Time

    /// Between dusk and morning, in seconds since the beginning: nothing but timers happens at these moments.
    private static let nightJumps = [6_000, 12_000, 50_000, 90_000]
    private static let morningStart = 93_600

    private static func times(_ random: inout SeededGenerator) -> [Int] {
        func steps(_ count: Int, from start: Int) -> [Int] {
            var now = start
            return (0..<count).map { index in
                if index > 0 { now += Int.random(in: 5...stepMax, using: &random) }
                return now
            }
        }
        return steps(evening + dusk, from: 0) + nightJumps + steps(morning, from: morningStart)
    }

    // MARK: - Agents

    private static func silences(_ times: [Int], _ random: inout SeededGenerator) -> [Silence] {
        var silences = DayTeam.members(of: outage.department).map { Silence(agent: $0, ticks: outage.ticks) }
        for agent in 0..<DayTeam.agentCount {
            // Not into another silence, and not out of the evening.
            var free = Int.random(in: 10..<60, using: &random)
            while free < evening - 60 {
                let first = free + Int.random(in: 0..<80, using: &random)
                let length =
                    Bool.random(using: &random) ? Int.random(in: 1...4, using: &random) : Int.random(in: 7...25, using: &random)
                let silence = Silence(agent: agent, ticks: first..<judgeable(first, length, times))
                free = silence.ticks.upperBound + Int.random(in: 60..<160, using: &random)
                let isClear = !DayTeam.members(of: outage.department).contains(agent) || !silence.ticks.overlaps(130..<200)
                if isClear, silence.ticks.upperBound < evening { silences.append(silence) }
            }
        }
        return silences
    }

    /// He comes back in time, or once it is known that he is gone: at the very moment at which it would be found out, nobody can
    /// say which of both is first.
    private static func judgeable(_ first: Int, _ length: Int, _ times: [Int]) -> Int {
        let last = times[first - 1]
        var end = first + length
        while end < times.count, times[end] - last > 30, times[end - 1] - last <= 30 { end += 1 }
        return min(end, times.count - 1)
    }

    // MARK: - Services

    /// As a crowd comes, and as a whole department is lost.
    private static func stops(_ times: [Int]) -> [Stop] {
        let last = times[outage.ticks.lowerBound - 1]
        return [
            Stop(tick: crowdStart + 1, moment: .acts, replica: 0),
            Stop(tick: times.firstIndex { $0 - last > 30 }!, moment: .due, replica: 1),
        ]
    }

    // MARK: - Customers

    /// The tick of the first crowd.
    private static let crowdStart = 20

    private static func visit(_ number: Int, of count: Int, _ random: inout SeededGenerator) -> Visit {
        var department = Int.random(in: 0..<DayTeam.departmentCount, using: &random)
        var tick = Int.random(in: 1..<evening - 40, using: &random)
        // One in four comes in a crowd, so that queues form.
        if number % 4 == 0 {
            let crowd = (number * 8 / count)
            tick = crowdStart + crowd * 35 + Int.random(in: 0..<3, using: &random)
            department = crowd % DayTeam.departmentCount
        }
        // And some by web chat while nobody of their department is there.
        let meetsNobody = number % 50 == 1
        if meetsNobody {
            department = outage.department
            tick = Int.random(in: outage.ticks.lowerBound + 3..<outage.ticks.lowerBound + 8, using: &random)
        }
        let channel: Channel = meetsNobody ? .webchat : Channel.allCases.randomElement(using: &random)!
        let hasBot = DayTeam.hasBot(department, channel)
        return Visit(
            number: number, tick: tick, department: department, channel: channel, opening: message(&random),
            bot: hasBot ? bot(&random) : [], answers: answers(&random), moves: moves(&random),
            returns: Int.random(in: 0..<3, using: &random) == 0)
    }

    private static func message(_ random: inout SeededGenerator) -> Message {
        Message(
            copies: Bool.random(using: &random) ? 1 : Int.random(in: 2...5, using: &random),
            late: Int.random(in: 0..<8, using: &random) == 0 ? Int.random(in: 1...60, using: &random) : 0)
    }

    private static func bot(_ random: inout SeededGenerator) -> [BotMove] {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: []
        case 1, 2: [.answer, .close]
        case 3: [.answer]
        default: [.answer, .handOff]
        }
    }

    private static func answers(_ random: inout SeededGenerator) -> [OfferAnswer] {
        (0..<3).map { _ in
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<7: .decline
            case 7..<13: .ignore
            default: .accept(after: Int.random(in: 0...3, using: &random))
            }
        }
    }

    private static func moves(_ random: inout SeededGenerator) -> [Move] {
        let talk: [Move.Kind] = (0..<Int.random(in: 1...2, using: &random)).flatMap { _ -> [Move.Kind] in
            [.reply, .customerWrites(message(&random))]
        }
        let kinds: [Move.Kind] =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45: talk + [.reply, .close]
            case 45..<57: [.reply, .toColleague(Int.random(in: 1..<8, using: &random))] + talk + [.reply, .close]
            case 57..<68: [.toDepartment(Int.random(in: 0..<DayTeam.departmentCount, using: &random))] + talk + [.reply, .close]
            case 68..<75: [.reply, .park, .customerWrites(message(&random)), .reply, .close]
            case 75..<80: [.reply, .park, .resume, .reply, .close]
            case 80..<86: talk + [.close, .comesBack, .reply, .close]
            // Nobody answers him any more, or he says nothing more.
            case 86..<92: talk
            case 92..<96: [.reply]
            default: []
            }
        return kinds.map { kind in
            Move(
                kind: kind, after: Int.random(in: 1...5, using: &random),
                repeats: Int.random(in: 0..<5, using: &random) == 0)
        }
    }
}
