import Testing

@Suite("The script of a day")
struct DayScriptTests {
    private let script = DayScript(seed: 7, count: 500)

    @Test("the same seed makes the same day, another one another")
    func isDeterministic() {
        #expect(script == DayScript(seed: 7, count: 500))
        #expect(script != DayScript(seed: 8, count: 500))
    }

    @Test("every department and channel has customers, every agent is silent at some time, and repeated deliveries are many")
    func hasEverything() {
        #expect(Set(script.visits.map { "\($0.department) \($0.channel)" }).count == 25)
        #expect(Set(script.silences.map(\.agent)).count == DayTeam.agentCount)
        #expect(script.visits.filter { $0.opening.copies > 1 || $0.opening.late > 0 }.count > 200)
    }

    @Test("nobody is silent for so long by a step of the clock alone")
    func stepsAreShort() {
        for shift in script.shifts {
            for tick in shift.dropFirst() { #expect((5...9).contains(script.times[tick] - script.times[tick - 1])) }
        }
    }

    @Test("19: who comes back does so in time, or after it was known that he is gone; some are gone for exactly 30 s")
    func silencesAreJudgeable() {
        var exact = 0
        for seed in 0..<20 as Range<UInt64> {
            let script = DayScript(seed: seed, count: 10)
            for silence in script.silences {
                let last = script.times[silence.ticks.lowerBound - 1]
                let back = script.times[silence.ticks.upperBound]
                #expect(back - last <= 30 || script.times[silence.ticks.upperBound - 1] - last > 30)
                if back - last == 30 { exact += 1 }
            }
        }
        #expect(exact > 0)
    }

    @Test("19: a loss is noted once in a silence, at its first moment beyond 30 s")
    func losses() {
        for agent in 0..<DayTeam.agentCount {
            let losses = script.losses(of: agent)
            #expect(losses.count == Set(losses).count)
            for loss in losses { #expect(!script.isPresent(agent, at: loss)) }
        }
        let evening = script.shifts[0].upperBound
        #expect(script.losses(of: 0).contains { $0 >= evening }, "in the evening everybody goes")
    }
}
