import EndToEndSupport
import GRPC
import Testing

/// RELIABILITY.md 4, experiment 5, on this machine alone: what processes say to each other does not arrive, and nobody is told.
@Suite("Partitions under load", .serialized)
struct PartitionTests {
    private static let services = ["contacts", "conversations", "gateway"]
    /// How long nothing arrives.
    private static let length: Duration = isLong ? .seconds(60) : .seconds(5)

    @Test(
        "17, experiment 5: contacts, then the database, out of reach both ways and one way: each write is there once, in order",
        arguments: ["contacts", "postgres"])
    func E5_partition(callee: String) async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services, over: [callee]) { services in
                let pids = Set(services.all.compactMap(\.process?.pid))
                let link = services.link(to: callee)
                let writers = try await Writers.write(on: platform, services) { writers in
                    try await writers.caughtUp()
                    let load = callee == "contacts" ? writers.contactLoad : writers.messageLoad
                    for directions in [Set(Link.Direction.allCases), [.towardsClient]] {
                        let before = load.acknowledgedCount
                        link.break(directions)
                        // The length of the partition is what is tried.
                        try await Task.sleep(for: Self.length)
                        let during = load.acknowledgedCount - before
                        // Some answers were under way.
                        #expect(during < Writers.rate / 2 * Int(Self.length / .seconds(1)), "nothing was broken")
                        link.heal()
                        print("\(callee) was out of reach \(directions): caught up after \(try await writers.caughtUp())")
                    }
                }
                for load in [writers.contactLoad, writers.messageLoad] {
                    #expect(
                        Set(load.refusals.keys).isSubset(of: [.unavailable, .deadlineExceeded, .aborted]), "\(load.refusals)")
                }
                #expect(Set(services.all.compactMap(\.process?.pid)) == pids)
                #expect(services.all.allSatisfy { $0.process?.status == nil })
            }
        }
    }
}
