import EndToEndSupport
import ServiceRuntime
import Testing
import Trials
import WallTime

/// Issue 3 of the project: everything together, two processes of each service, for as long as a team works.
@Suite("A day in a support team", .serialized)
struct DayTests {
    private static let seeds: [UInt64] = isLong ? [1, 2, 3] : [1]
    private static let customers = isLong ? 5_000 : 500

    @Test(
        "1, 2, 3, 7, 8, 9, 11, 13, 17, 19: 40 agents, five departments and channels, zombies (experiment 7), and every promise is kept",
        .timeLimit(.minutes(isLong ? 120 : 20)), arguments: seeds)
    func everyPromiseIsKept(seed: UInt64) async throws {
        let script = DayScript(seed: seed, count: Self.customers)
        let (judge, followed) = try await Self.play(script)
        let findings = judge.findings
        #expect(findings.isEmpty, "seed \(seed): \(findings.count) findings, such as \(findings.prefix(20))")
        let record = judge.record
        #expect(record.conversations.map(\.eventID) == followed.conversations.map(\.eventID), "9: resumed at every step")
        #expect(record.routing.map(\.eventID) == followed.routing.map(\.eventID), "9")
        #expect(record.tickets.count == followed.tickets.count, "9")
        print(record.summary)
    }

    static func play(_ script: DayScript) async throws -> (judge: DayJudge, followed: DayRecord) {
        let start = DayPromises.start(before: .now)
        return try await Platform.with { platform in
            let clock = try TestClockFile(path: platform.directory + "/clock", start: start)
            let emulator = ProviderEmulator { clock.now }
            let team = DayTeam(tenantID: platform.tenantID)
            for (id, channel) in team.providerAccounts {
                emulator.add(id, ProviderEmulator.Kind(rawValue: channel.rawValue)!)
            }
            return try await withServer({ emulator.respond($0) }) { port in
                try team.providers(at: port, token: ProviderEmulator.token).write(
                    toFile: platform.providersFile, atomically: true, encoding: .utf8)
                return try await platform.running(Platform.keepers, replicas: 2, clock: clock, seed: team.seed) { services in
                    let desk = try await DayDesk(team, platform, services, clock)
                    var player = DayPlayer(script, team, from: start, clock, services, emulator, desk)
                    let record = try await player.play()
                    await desk.close()
                    return (DayJudge(script: script, team: team, start: start, record: record), player.followed)
                }
            }
        }
    }
}
