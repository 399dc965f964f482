import ConversationsV1
import EndToEndSupport
import ServiceRuntime
import Trials
import WallTime

/// One delivery of a customer's message by its provider.
struct DayDelivery: Sendable, Hashable {
    var account: String
    var providerID: String
    var address: String
    var thread: String
    var text: String
}

/// Plays a script with the real services: moves their clock from tick to tick, lets everybody do what is his turn, all at once
/// and in any order, and waits each time until the services have come to rest.
struct DayPlayer: Sendable {
    /// Who acts at the same time.
    static let actorsMax = 32
    /// A longer step of the clock finds nothing under way to a provider.
    static let longStep = 60

    let script: DayScript
    let team: DayTeam
    let start: Instant
    let clock: TestClockFile
    let services: RunningServices
    let emulator: ProviderEmulator
    let desk: DayDesk
    private var view = DayView()
    private var visits: [DayVisit]
    private var said: [Int: Int] = [:]
    /// Deliveries that come again, by tick.
    private var late: [Int: [DayDelivery]] = [:]
    private var random: SeededGenerator

    init(
        _ script: DayScript, _ team: DayTeam, from start: Instant, _ clock: TestClockFile, _ services: RunningServices,
        _ emulator: ProviderEmulator, _ desk: DayDesk
    ) {
        (self.script, self.team, self.start, self.clock) = (script, team, start, clock)
        (self.services, self.emulator, self.desk) = (services, emulator, desk)
        visits = script.visits.map { DayVisit($0) }
        random = SeededGenerator(seed: script.seed &+ 1)
    }

    /// - Returns: what the day has left behind, read from the beginnings of the streams.
    mutating func play() async throws -> DayRecord {
        try await desk.promise()
        for tick in script.times.indices {
            if tick > 0, script.times[tick] - script.times[tick - 1] > Self.longStep { try await deliveriesEnd() }
            try clock.set(start.advanced(by: .seconds(script.times[tick])))
            try await stop(.due, at: tick)
            try await desk.beat(team.agentIDs.indices.filter { script.isPresent($0, at: tick) })
            try await rest()
            let acts = acts(at: tick)
            if acts.isEmpty { continue }
            async let stopped: Void = stop(.acts, at: tick)
            try await perform(acts)
            try await stopped
            try await rest()
        }
        try await deliveriesEnd()
        try await rest()
        return try await record()
    }

    // MARK: - Rest

    /// Those whose work is due to the clock and to each other; the others only follow them.
    private static let workers = ["conversations", "routing", "tickets"]

    /// Waits until they have come to rest, and nothing was told while they were asked: what one does may be due to another.
    private mutating func rest() async throws {
        repeat {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in Self.workers.flatMap(services.replicas(of:)) { group.addTask { try await process.settle() } }
                try await group.waitForAll()
            }
        } while try await view.readOn(at: desk)
    }

    /// Until nothing of ours is on its way to a provider.
    private mutating func deliveriesEnd() async throws {
        while view.isAnythingUnderway {
            try await Task.sleep(for: .milliseconds(20))
            _ = try await view.readOn(at: desk)
        }
    }

    // MARK: - Zombies

    private func stop(_ moment: DayScript.Stop.Moment, at tick: Int) async throws {
        for stop in script.stops where stop.tick == tick && stop.moment == moment {
            try await services.stopping(stop.replica, of: Platform.keepers)
        }
    }

    // MARK: - Acts

    private typealias Act = @Sendable () async throws -> Void

    /// Everything that happens at a tick, in any order.
    private mutating func acts(at tick: Int) -> [Act] {
        var acts: [Act] = (late.removeValue(forKey: tick) ?? []).map { delivery in { [desk] in try await desk.deliver(delivery) }
        }
        for agent in team.agentIDs.indices
        where view.away.contains(team.agentIDs[agent].text) && script.isPresent(agent, at: tick) {
            acts.append { [desk] in try await desk.wantWork(agent) }
        }
        let sight = DayVisit.Sight(script: script, team: team, replay: view.replay, tick: tick)
        for index in visits.indices {
            visits[index].conversation = view.conversations[key(of: visits[index].script)]
            guard let (act, repeats) = visits[index].next(sight) else { continue }
            if case .write(let message) = act {
                acts += write(message, visits[index].script, at: tick)
            } else if let id = visits[index].conversation {
                acts += self.acts(act, in: id, visits[index].script, repeats)
            }
        }
        return acts.shuffled(using: &random)
    }

    private func perform(_ acts: [Act]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, act) in acts.enumerated() {
                if number >= Self.actorsMax { try await group.next() }
                group.addTask(operation: act)
            }
            try await group.waitForAll()
        }
    }

    /// A message's copies of now; those of later are noted.
    private mutating func write(_ message: DayScript.Message, _ visit: DayScript.Visit, at tick: Int) -> [Act] {
        let number = next(visit)
        let account = team.account(visit.department, visit.channel)
        let delivery = DayDelivery(
            account: account.text, providerID: "\(visit.number)/\(number)", address: visit.address,
            thread: visit.channel == .email ? "thread-\(visit.number)" : "", text: "visit \(visit.number) says \(number)")
        if visit.channel != .webchat { emulator.customerWrote(visit.address, to: account, at: clock.now) }
        let again = tick + message.late
        if message.late > 0, script.times.indices.contains(again) { late[again, default: []].append(delivery) }
        return (0..<message.copies).map { _ in { [desk] in try await desk.deliver(delivery) } }
    }

    private mutating func acts(_ act: DayAct, in id: String, _ visit: DayScript.Visit, _ repeats: Bool) -> [Act] {
        let desk = desk
        switch act {
        case .write: return []
        case .botAnswers:
            let text = "bot of \(visit.number) says \(next(visit))"
            return [{ try await desk.answerAsBot(in: id, text, repeats: repeats) }]
        case .botHandsOff: return [{ try await desk.handOff(id, repeats: repeats) }]
        case .botCloses: return [{ try await desk.closeAsBot(id) }]
        case .accept(let agents): return agents.map { agent in { try await desk.accept(agent, id, repeats: repeats) } }
        case .decline(let agent): return [{ try await desk.decline(agent, id, repeats: repeats) }]
        case .reply(let agent):
            let text = "agent of \(visit.number) says \(next(visit))"
            return [{ try await desk.reply(agent, in: id, text, repeats: repeats) }]
        case .handToColleague(let agent, let other):
            let target = TransferRequest.Target.agentID(team.agentIDs[other].text)
            return [{ try await desk.transfer(agent, id, to: target, repeats: repeats) }]
        case .handToDepartment(let agent, let department):
            let target = TransferRequest.Target.departmentID(team.departmentIDs[department].text)
            return [{ try await desk.transfer(agent, id, to: target, repeats: repeats) }]
        case .park(let agent): return [{ try await desk.park(agent, id, repeats: repeats) }]
        case .resume(let agent): return [{ try await desk.resume(agent, id, repeats: repeats) }]
        case .close(let agent): return [{ try await desk.close(agent, id, repeats: repeats) }]
        }
    }

    private mutating func next(_ visit: DayScript.Visit) -> Int {
        said[visit.number, default: 0] += 1
        return said[visit.number]!
    }

    private func key(of visit: DayScript.Visit) -> String {
        DayView.key(account: team.account(visit.department, visit.channel).text, address: visit.address)
    }

    // MARK: - The end

    private func record() async throws -> DayRecord {
        var anew = DayView()
        _ = try await anew.readOn(at: desk)
        var record = anew.record
        record.end = clock.now
        record.ledger = desk.ledger
        record.ledger.providerRefusals = emulator.policyRefusals
        record.ledger.providerTaken = emulator.taken.count
        return record
    }

    /// What was read tick by tick, each time behind the last cursor.
    var followed: DayRecord { view.record }
}

extension DayScript.Visit {
    /// The customer's, on his channel.
    var address: String {
        switch channel {
        case .whatsapp: "1555\(1_000_000 + number)"
        case .email: "customer-\(number)@example.com"
        case .facebook, .instagram, .webchat: "customer-\(number)"
        }
    }
}
