import ConversationsV1

/// What somebody does next in a visit.
enum DayAct: Sendable, Hashable {
    /// The customer.
    case write(DayScript.Message)
    /// The bot.
    case botAnswers, botHandsOff, botCloses
    /// These agents, who race where there are several.
    case accept([Int])
    case decline(Int)
    case reply(Int)
    case handToColleague(Int, to: Int)
    case handToDepartment(Int, to: Int)
    case park(Int)
    case resume(Int)
    case close(Int)
}

/// How far one customer's visit has come: which of what its script says comes next, by what the events have told. It sees what
/// those who take part see, and nothing of the services.
struct DayVisit: Sendable {
    /// What everybody can see at a tick.
    struct Sight: Sendable {
        var script: DayScript
        var team: DayTeam
        var replay: DayReplay
        var tick: Int

        func isThere(_ agent: Int) -> Bool { script.isPresent(agent, at: tick) }
    }

    let script: DayScript.Visit
    /// Of several one after the other, the last.
    var conversation: String?
    private var bot: ArraySlice<DayScript.BotMove>
    private var moves: ArraySlice<DayScript.Move>
    /// The tick of what came last.
    private var last = 0
    /// An agent has accepted it once.
    private var isServed = false
    /// Offers that were seen, and the tick of the last one.
    private var offers = (count: 0, tick: 0)
    private var hasReturned = false

    init(_ script: DayScript.Visit) {
        self.script = script
        bot = script.bot[...]
        moves = script.moves[...]
    }

    mutating func next(_ sight: Sight) -> (act: DayAct, repeats: Bool)? {
        let tick = sight.tick
        guard let id = conversation, let standing = sight.replay[id] else {
            return tick == script.tick ? passing(.write(script.opening), tick) : nil
        }
        switch standing.state {
        case .automated: return answerAsBot(tick)
        case .queued: return pick(standing, sight)
        case .offered: return answerOffer(standing, sight)
        case .expired where returns(at: tick, sight):
            hasReturned = true
            return passing(.write(DayScript.Message()), tick)
        default:
            if standing.state == .open { isServed = true }
            return isServed ? move(standing, sight) : nil
        }
    }

    private mutating func passing(_ act: DayAct, _ tick: Int, repeats: Bool = false) -> (act: DayAct, repeats: Bool) {
        last = tick
        return (act, repeats)
    }

    // MARK: - Before the service

    private static let botPause = 2

    private mutating func answerAsBot(_ tick: Int) -> (act: DayAct, repeats: Bool)? {
        guard tick >= last + Self.botPause, let move = bot.popFirst() else { return nil }
        switch move {
        case .answer: return passing(.botAnswers, tick, repeats: script.number % 3 == 0)
        case .handOff: return passing(.botHandsOff, tick, repeats: script.number % 3 == 1)
        case .close: return passing(.botCloses, tick)
        }
    }

    /// Where nobody distributes, two agents with room want it at once.
    private mutating func pick(_ standing: DayReplay.Standing, _ sight: Sight) -> (act: DayAct, repeats: Bool)? {
        guard sight.team.departmentIDs[DayTeam.manualDepartment].text == standing.department else { return nil }
        let members = DayTeam.members(of: DayTeam.manualDepartment)
        let turned = members.indices.map { members[(script.number + $0) % members.count] }
        let free = turned.filter { agent in
            let load = sight.replay.loads[sight.team.agentIDs[agent].text, default: 0]
            return sight.isThere(agent) && (standing.channel == .email || load < DayTeam.chatLimit)
        }
        return free.isEmpty ? nil : passing(.accept(Array(free.prefix(2))), sight.tick, repeats: script.number % 5 == 0)
    }

    private mutating func answerOffer(_ standing: DayReplay.Standing, _ sight: Sight) -> (act: DayAct, repeats: Bool)? {
        if offers.count != standing.offers { offers = (standing.offers, sight.tick) }
        guard let agent = sight.team.agent(standing.assignee), sight.isThere(agent) else { return nil }
        let answer = script.answers.indices.contains(offers.count - 1) ? script.answers[offers.count - 1] : .accept(after: 0)
        switch answer {
        case .ignore: return nil
        case .decline: return passing(.decline(agent), sight.tick, repeats: script.number % 2 == 0)
        case .accept(let after):
            guard sight.tick >= offers.tick + after else { return nil }
            return passing(.accept([agent]), sight.tick, repeats: script.number % 5 == 0)
        }
    }

    // MARK: - While it is served, and afterwards

    private func returns(at tick: Int, _ sight: Sight) -> Bool {
        script.returns && !hasReturned && tick > sight.script.shifts[1].lowerBound + script.number % 20
    }

    private mutating func move(_ standing: DayReplay.Standing, _ sight: Sight) -> (act: DayAct, repeats: Bool)? {
        guard let move = moves.first, sight.tick >= last + move.after, let act = act(for: move.kind, standing, sight) else {
            return nil
        }
        moves.removeFirst()
        if case .comesBack = move.kind { isServed = false }
        return passing(act, sight.tick, repeats: move.repeats)
    }

    /// - Returns: `nil`: not now.
    private func act(for kind: DayScript.Move.Kind, _ standing: DayReplay.Standing, _ sight: Sight) -> DayAct? {
        switch kind {
        case .comesBack: return standing.state == .closed ? .write(DayScript.Message()) : nil
        case .customerWrites(let message): return standing.state == .closed ? nil : .write(message)
        default: break
        }
        guard let agent = sight.team.agent(standing.assignee), sight.isThere(agent) else { return nil }
        switch (kind, standing.state) {
        case (.reply, .open): return .reply(agent)
        case (.toColleague(let steps), .open): return .handToColleague(agent, to: colleague(of: agent, steps, standing, sight))
        case (.toDepartment(let department), .open): return .handToDepartment(agent, to: department)
        case (.park, .open): return .park(agent)
        case (.resume, .pending): return .resume(agent)
        case (.close, .open), (.close, .pending): return .close(agent)
        default: return nil
        }
    }

    private func colleague(of agent: Int, _ steps: Int, _ standing: DayReplay.Standing, _ sight: Sight) -> Int {
        let department = sight.team.departmentIDs.firstIndex { $0.text == standing.department } ?? 0
        let others = DayTeam.members(of: department).filter { $0 != agent }
        return others[(agent + steps) % others.count]
    }
}

extension DayTeam {
    func agent(_ id: String) -> Int? { agentIDs.firstIndex { $0.text == id } }
}
