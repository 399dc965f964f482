import EndToEndSupport
import Foundation
import GRPC
import Synchronization
import Testing
import Trials

/// RELIABILITY.md 4, experiment 14: what a cursor promises to those who come and go.
@Suite("Subscribers", .serialized)
struct SubscribersTests {
    private static let count = 1_000
    /// Each is told to every subscriber.
    private static let messagesPerSecond = 2
    private static let messages = messagesPerSecond * (isLong ? 600 : 60)
    /// One connection carries so many streams at most.
    private static let perChannel = 250
    /// A subscriber leaves behind one message in so many, and comes back at once.
    private static let stay = 20

    @Test("17, experiment 14: subscribers who come and go, over kill -9 of the service: each event once, in order, none missing")
    func E14_eachEventOnce() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"]) { services in
                let service = services["conversations"]
                try await Self.withChannels(to: service.listen.grpc, (Self.count - 1) / Self.perChannel + 1) { channels in
                    let messages = try ReceivedMessages(channels[0], platform)
                    let watches = try channels.map { try ReceivedMessages($0, platform).watch }
                    let subscribers = (0..<Self.count).map { EventFollower(watches[$0 % watches.count]) }
                    let load = WriteLoad(
                        perSecond: Self.messagesPerSecond, senders: 10,
                        journal: try WriteJournal(path: platform.directory + "/messages.journal"), call: messages.receive)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (index, subscriber) in subscribers.enumerated() {
                            let chance = Mutex(SeededGenerator(seed: seed &+ UInt64(index)))
                            group.addTask {
                                try await subscriber.run { _ in
                                    chance.withLock { Int.random(in: 0..<Self.stay, using: &$0) == 0 }
                                }
                            }
                        }
                        try await load.run {
                            try await load.acknowledged(Self.messages / 2)
                            try await service.kill()
                            try await service.start()
                            try await load.acknowledged(Self.messages)
                        }
                        let told = try await Self.told(to: subscribers, messages.watch)
                        #expect(subscribers.allSatisfy { $0.writes == told })
                        #expect(
                            try await load.journal.audit(
                                tables: messages.stored(platform.postgres), [Evidence("events", told)]
                            ).values.allSatisfy { $0 == .clean })
                        let resumed = subscribers.map(\.resumed)
                        #expect(resumed.allSatisfy { $0 > 0 })
                        print("\(told.count) events to \(Self.count) subscribers, who resumed \(resumed.reduce(0, +)) times")
                        group.cancelAll()
                    }
                }
            }
        }
    }

    /// What there is, once every subscriber stands at its end. That moves on: customers whom nobody answers are told so (C15).
    private static func told(to subscribers: [EventFollower], _ watch: WatchCall) async throws -> [Write] {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let (writes, end) = try await EventFollower.replay(watch)
            guard let other = subscribers.first(where: { $0.cursor != end })?.cursor else { return writes }
            guard .now < deadline else { throw ChildProcessError("a subscriber stands at \(other), not \(end)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func withChannels(to port: Int, _ count: Int, _ body: ([Channel]) async throws -> Void) async throws {
        func open(_ opened: [Channel]) async throws {
            guard opened.count < count else { return try await body(opened) }
            try await withChannel(to: [port]) { try await open(opened + [$0]) }
        }
        try await open([])
    }
}
