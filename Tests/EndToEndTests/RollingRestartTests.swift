import EndToEndSupport
import Foundation
import GRPC
import Testing

/// RELIABILITY.md 4, experiment 16, and what two replicas of a service owe to those who watch only one of them.
@Suite("Two replicas of each service", .serialized)
struct RollingRestartTests {
    private static let services = ["contacts", "conversations", "gateway"]

    @Test(
        "17, experiment 16: a rolling restart by SIGTERM of two replicas of each service under writes: no call fails, streams resume"
    )
    func E16_rollingRestart() async throws {
        try await Platform.with { platform in
            try await platform.running(Self.services, replicas: 2) { services in
                let writers = try await Writers.write(on: platform, services) { writers in
                    try await writers.caughtUp()
                    for _ in 0..<(isLong ? 20 : 2) {
                        for replica in Self.services.flatMap({ services.replicas(of: $0) }) {
                            let begun = ContinuousClock.now
                            #expect(try await replica.stop() == 0)
                            let drained = ContinuousClock.now - begun
                            let ready = try await replica.start()
                            print("\(replica.service) drained in \(drained), ready again after \(ready)")
                            try await writers.caughtUp()
                        }
                    }
                }
                #expect(writers.contactLoad.refusals.isEmpty && writers.messageLoad.refusals.isEmpty)
                // The gateway's own streams, and those it passes on, ended at each drain.
                #expect(writers.contactFollower.resumed > 0 && writers.messageFollower.resumed > 0)
            }
        }
    }

    @Test("17: a live stream whose gateway watches one replica of conversations hears what is committed through the other")
    func G17_newsOfTheOtherReplica() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"], replicas: 2) { services in
                let (watched, written) = (services.replicas(of: "conversations")[0], services.replicas(of: "conversations")[1])
                let gateway = ServiceProcess(
                    "gateway", on: platform, listen: try Listen(),
                    addresses: [
                        "contacts": "127.0.0.1:\(services["contacts"].listen.grpc)",
                        "conversations": "127.0.0.1:\(watched.listen.grpc)",
                    ])
                try await gateway.start()
                let stream = try await platform.liveStream(of: gateway)
                try await withChannel(to: [written.listen.grpc]) { channel in
                    let messages = try ReceivedMessages(channel, platform)
                    for number in 0..<5 {
                        let write = Write(sender: 1, number: number)
                        try await messages.receive(write, UUID())
                        try await stream.says("\"\(write.label)\"")
                    }
                }
                try await gateway.stop()
                try await stream.ended()
            }
        }
    }
}
