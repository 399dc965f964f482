import EndToEndSupport
import Foundation
import Testing

/// Faults injected more often than a normal run has time for.
let isLong = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == "1"

/// RELIABILITY.md 4, experiments 1 and 2: each process of the platform dies while clients write.
@Suite("Crashes under load", .serialized)
struct CrashTests {
    private static let services = ["contacts", "conversations", "gateway"]

    @Test(
        "17, experiment 1: kill -9 of each service during writes: all acknowledged is there once, in order; callers see UNAVAILABLE"
    )
    func E1_eachServiceIsKilled() async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services) { services in
                let writers = try await Writers.write(on: platform, services) { writers in
                    try await writers.caughtUp()
                    for _ in 0..<5 {
                        for service in Self.services {
                            try await services[service].kill()
                            let ready = try await services[service].start()
                            print(
                                "\(service) was killed: ready after \(ready), caught up after another \(try await writers.caughtUp())"
                            )
                        }
                    }
                }
                for load in [writers.contactLoad, writers.messageLoad] {
                    #expect(Set(load.refusals.keys).isSubset(of: [.unavailable]), "\(load.refusals)")
                }
            }
        }
    }

    @Test(
        "17, experiment 2: kill -9 of one PostgreSQL backend and of the postmaster, an immediate stop, a restart: no process is restarted"
    )
    func E2_postgresIsKilled() async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services) { services in
                let pids = Set(services.all.compactMap(\.process?.pid))
                let faults: [(String, () async throws -> Void)] = [
                    (
                        "one backend of conversations was killed",
                        { try await platform.postgres.killOneBackend(of: "conversations_runtime") }
                    ),
                    ("the postmaster was killed", { try await platform.postgres.killPostmasterAndRestart() }),
                    ("the server was stopped at once", { try await platform.postgres.stopImmediatelyAndRestart() }),
                    ("the server was restarted", { try await platform.postgres.restart() }),
                ]
                _ = try await Writers.write(on: platform, services) { writers in
                    try await writers.caughtUp()
                    for _ in 0..<3 {
                        for (name, fault) in faults {
                            let begun = ContinuousClock.now
                            try await fault()
                            let accepting = ContinuousClock.now - begun
                            print("\(name): it runs after \(accepting), caught up after another \(try await writers.caughtUp())")
                        }
                    }
                }
                #expect(Set(services.all.compactMap(\.process?.pid)) == pids)
                #expect(services.all.allSatisfy { $0.process?.status == nil })
            }
        }
    }
}
