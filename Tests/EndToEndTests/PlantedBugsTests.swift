import EndToEndSupport
import EventLog
import Foundation
import GRPC
import Postgres
import PostgresTesting
import Testing

/// RELIABILITY.md 4: the harness first catches what it is there to catch. A sample service, in processes of its own and with
/// one mistake planted, goes through the same load, faults and audit as the real ones.
@Suite("Planted bugs", .serialized)
struct PlantedBugsTests {
    private struct Plant: Sendable {
        var bug: String
        var means: String
        var faults: [Fault] = [.kill]
        var requestIDs = WriteLoad.RequestIDs.perWrite
        /// Where the audit must find it, and as what; nil: nowhere.
        var found: (source: String, as: @Sendable (Audit) -> Set<Write>)?
    }

    private enum Fault { case kill, stop }

    private static let plants = [
        Plant(bug: "none", means: "done right", faults: [.kill, .stop]),
        Plant(bug: "M1", means: "acknowledged before the commit", found: ("stored", { $0.lost })),
        Plant(bug: "M2", means: "event outside the transaction", found: ("events", { $0.lost })),
        Plant(bug: "M3", means: "no dedupe", found: ("stored", { $0.duplicates })),
        Plant(bug: "M4", means: "cursor by bigserial", found: ("events, live", { $0.lost })),
        Plant(bug: "M5", means: "lease without a token", faults: [.stop], found: ("greetings", { $0.duplicates })),
        Plant(bug: "M6", means: "repeated without its key", requestIDs: .perAttempt, found: ("stored", { $0.duplicates })),
    ]

    @Test("17: the harness finds each of M1-M6, and nothing where nothing is planted")
    func sixOfSixAreFound() async throws {
        let found = try await withThrowingTaskGroup(of: (Plant, [String: Audit]).self) { group in
            for plant in Self.plants { group.addTask { (plant, try await Self.audits(of: plant)) } }
            return try await group.reduce(into: 0) { found, outcome in
                let (plant, audits) = outcome
                print("\(plant.bug), \(plant.means): \(audits.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })")
                if let expected = plant.found {
                    let writes = expected.as(audits[expected.source] ?? .clean)
                    #expect(!writes.isEmpty, "\(plant.bug) was not found in \(expected.source)")
                    if !writes.isEmpty { found += 1 }
                } else {
                    #expect(audits.values.allSatisfy { $0 == .clean })
                }
            }
        }
        #expect(found == 6)
    }

    /// Load, three rounds of faults, audit.
    private static func audits(of plant: Plant) async throws -> [String: Audit] {
        try await withTestDatabase(migrating: FaultSample.migrations) { database in
            try await FaultSample.running(on: database, bug: plant.bug == "M6" ? "none" : plant.bug) { sample in
                try await withChannel(to: sample.ports, { $0.retry.attemptsMax = 1 }) { channel in
                    let contacts = CreatedContacts(channel, metadata: Metadata())
                    let load = WriteLoad(
                        perSecond: 30, senders: 30, requestIDs: plant.requestIDs,
                        journal: try WriteJournal(path: sample.directory + "/journal"), call: contacts.create)
                    let follower = EventFollower(contacts.watch)
                    return try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await follower.run() }
                        try await load.run {
                            for round in 0..<3 {
                                try await load.caughtUp()
                                for fault in plant.faults {
                                    switch fault {
                                    case .kill: try await sample.killAndRestart(round % 2)
                                    case .stop: try await sample.stopThroughItsLeases(round % 2)
                                    }
                                }
                            }
                        }
                        let told = try await follower.caughtUp()
                        let audits = try await load.journal.audit(
                            tables: sample.stored(),
                            [
                                contacts.listed(), Evidence("events", told, isOrdered: false),
                                Evidence("events, live", follower.writes, isOrdered: false), sample.greetings(),
                            ])
                        group.cancelAll()
                        return audits
                    }
                }
            }
        }
    }
}
