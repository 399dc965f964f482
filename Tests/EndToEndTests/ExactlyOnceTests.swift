import ConversationsV1
import EndToEndSupport
import GRPC
import Synchronization
import Testing
import Trials

/// Guarantee 1: what providers deliver again and again, out of order and to a process that dies, is there once.
@Suite("Exactly once inbound", .serialized)
struct ExactlyOnceTests {
    private static let seeds: [UInt64] = isLong ? Array(1...20) : [1, 2]

    @Test(
        "1: 64 writers deliver each message 1 to 5 times, shuffled, over two processes that are killed: each is there once, none lost",
        .timeLimit(.minutes(10)), arguments: seeds)
    func G1_eachMessageOnce(seed: UInt64) async throws {
        let deliveries = Deliveries(messages: isLong ? 10_000 : 2_000, customers: 200, seed: seed)
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"], replicas: 2) { services in
                try await withChannel(to: services.replicas(of: "conversations").map(\.listen.grpc)) { channel in
                    let messages = try ReceivedMessages(channel, platform)
                    let answers = Answers()
                    try await withThrowingTaskGroup(of: Void.self) { writers in
                        for _ in 0..<64 {
                            writers.addTask {
                                while let write = deliveries.next() { answers.note(write, try await messages.delivered(write)) }
                            }
                        }
                        // Each of the two dies once in the midst of it.
                        for (share, process) in zip([4, 2], services.replicas(of: "conversations")) {
                            try await eventually { deliveries.taken > deliveries.count / share }
                            try await process.kill()
                            try await process.start()
                        }
                        try await writers.waitForAll()
                    }
                    try await judge(deliveries, answers, messages, platform)
                }
            }
        }
    }

    private func judge(
        _ deliveries: Deliveries, _ answers: Answers, _ messages: ReceivedMessages, _ platform: Platform
    ) async throws {
        #expect(answers.contradictions == [], "every delivery of a message is answered with the same one")
        let stored = try await messages.stored(platform.postgres)
        #expect(stored.gaps == [], "a conversation's messages are numbered 1, 2, 3 ...")
        #expect(stored.writes.count == deliveries.messages.count && Set(stored.writes) == deliveries.messages)
        let told = try await EventFollower.replay(messages.watch).writes
        #expect(told.count == deliveries.messages.count && Set(told) == deliveries.messages, "each is told once")
        let rows = try await platform.postgres.query(
            """
            select (select count(*) from conversations.inbound_message), (select count(*) from conversations.conversation),
                   (select count(distinct customer_address) from conversations.conversation where state <> 'closed'),
                   (select count(*) from contacts.contact)
            """)
        let (known, conversations, addresses, contacts) = try rows[0].decode((Int, Int, Int, Int).self)
        #expect(known == deliveries.messages.count)
        #expect([conversations, addresses, contacts] == [200, 200, 200], "one open conversation and one contact an address")
    }
}

/// What a provider sends, in the order in which it does.
private final class Deliveries: Sendable {
    let messages: Set<Write>
    private let queue: [Write]
    private let place = Mutex(0)

    init(messages count: Int, customers: Int, seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        let messages = (0..<count).map { Write(sender: $0 % customers, number: $0 / customers) }
        self.messages = Set(messages)
        queue = messages.flatMap { Array(repeating: $0, count: .random(in: 1...5, using: &chance)) }.shuffled(using: &chance)
    }

    var count: Int { queue.count }
    var taken: Int { place.withLock { $0 } }

    func next() -> Write? {
        place.withLock { place in
            guard place < queue.count else { return nil }
            defer { place += 1 }
            return queue[place]
        }
    }
}

/// Which message each delivery was answered with.
private final class Answers: Sendable {
    private let ids = Mutex([Write: Set<String>]())

    func note(_ write: Write, _ messageID: String) { ids.withLock { _ = $0[write, default: []].insert(messageID) } }

    var contradictions: [Write] { ids.withLock { $0.filter { $1.count != 1 || $1 == [""] }.map(\.key) } }
}

extension ReceivedMessages {
    /// Delivers until it is acknowledged, as a provider does.
    /// - Returns: the message's id.
    fileprivate func delivered(_ write: Write) async throws -> String {
        while true {
            do {
                return try await deliver(write).message?.messageID ?? ""
            } catch let error as RPCError where error.code == .unavailable || error.code == .aborted {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
