import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Testing
import TicketsV1
import WallTime

/// Two processes of each service see every timer fall due at the same moment, and each of them fires once, for the moment that
/// was due.
@Suite("Two processes race on every timer", .serialized)
struct TimerRaceTests {
    @Test("7, 8, C33, C46, C51: reminders, notices, closings, warnings and breaches, each told once and at its time")
    func G8_eachTimerFiresOnce() async throws {
        try await Self.race { race in
            for minutes in TimerRace.moments { try await race.advance(to: minutes) }
        }
    }

    /// RELIABILITY.md 4, experiment 7. What a stopped process had in hand it takes up again where others have long done it.
    @Test(
        "7, 8, experiment 7: one process of each is stopped as timers fall due, until others have its leases, and wakes: told once still",
        .timeLimit(.minutes(isLong ? 15 : 5)))
    func E7_zombiesTellNothingAgain() async throws {
        try await Self.race { race in
            for (round, minutes) in TimerRace.moments.enumerated() {
                // The reminders and warnings, and the closings; in the long run every timer.
                if isLong || round == 0 || minutes == 30 {
                    try await race.advance(to: minutes, stopping: round % 2)
                } else {
                    try await race.advance(to: minutes)
                }
            }
        }
    }

    private static func race(_ run: @Sendable (TimerRace) async throws -> Void) async throws {
        try await Platform.with { platform in
            // In whole milliseconds, as policies and rules count.
            let start = Instant(milliseconds: Instant.now.microseconds / 1_000)
            let clock = try TestClockFile(path: platform.directory + "/clock", start: start)
            try await platform.running(TimerRace.services, replicas: 2, clock: clock) { services in
                let race = try await TimerRace(platform, services, clock, start: start)
                try await race.setRules()
                let (parked, answered) = try await race.serve()
                try await run(race)
                try await race.judge(parked: parked, answered: answered)
                await race.close()
            }
        }
    }
}

private struct TimerRace: Sendable {
    /// Half of the ten agents' slots are parked with a reminder, the other half answered and then left by the customer.
    static let count = 25
    static let services = ["contacts", "conversations", "tickets"]
    /// In minutes: when a timer falls due.
    static let moments = [10, 20, 25, 30, 40]

    let platform: Platform
    let services: RunningServices
    let clock: TestClockFile
    let start: Instant
    let conversations: Channel
    let tickets: Channel
    let tokens: [String]

    init(_ platform: Platform, _ services: RunningServices, _ clock: TestClockFile, start: Instant) async throws {
        (self.platform, self.services, self.clock, self.start) = (platform, services, clock, start)
        func channel(_ service: String) -> Channel {
            Channel(addresses: services.replicas(of: service).map { ServerAddress(host: "127.0.0.1", port: $0.listen.grpc) })
        }
        (conversations, tickets) = (channel("conversations"), channel("tickets"))
        var tokens: [String] = []
        for agent in platform.agentIDs {
            tokens.append(
                try await LocalKeys(directory: platform.keys).agentToken(
                    tenantID: platform.tenantID, agentID: agent, name: "Ana", roles: ["admin"], lifetime: .seconds(3_600)))
        }
        self.tokens = tokens
    }

    func close() async {
        await conversations.close()
        await tickets.close()
    }

    private func options(as agent: Int) -> CallOptions {
        CallOptions(timeout: .seconds(60), metadata: ["authorization": "Bearer \(tokens[agent])"])
    }

    // MARK: - What is set up

    func setRules() async throws {
        let rule = ClosingRule(
            channel: .webchat, inactiveAfter: .init(.seconds(1_800)),
            notice: ClosingNotice(text: "still there?", before: .init(.seconds(300))))
        _ = try await ClosingRulesServiceClient(conversations).setClosingRule(
            SetClosingRuleRequest(closingRule: rule, requestID: UUID().text), options(as: 0))
        let targets = [
            SlaTarget(kind: .firstResponse, target: .init(seconds: 1_200), warnBefore: .init(seconds: 600)),
            SlaTarget(kind: .resolution, target: .init(seconds: 2_400), warnBefore: .init(seconds: 900)),
        ]
        _ = try await SlaServiceClient(tickets).createSlaPolicy(
            CreateSlaPolicyRequest(
                policy: SlaPolicy(displayName: "all", rank: 1, targets: targets), requestID: UUID().text),
            options(as: 0))
    }

    /// - Returns: the conversations parked for ten minutes, and those that were answered.
    func serve() async throws -> (parked: [String], answered: [String]) {
        let client = ConversationsServiceClient(conversations)
        let channels = try await platform.credentials(of: "channels").token(for: "conversations")
        let asChannels = CallOptions(
            timeout: .seconds(60),
            metadata: ["authorization": "Bearer \(channels)", ServiceCredentials.tenantMetadata: platform.tenantID.text])
        var (parked, answered): ([String], [String]) = ([], [])
        for number in 0..<2 * Self.count {
            let received = try await client.receiveMessage(
                ReceiveMessageRequest(
                    channelAccountID: platform.channelAccountID.text, providerMessageID: "m\(number)",
                    senderAddress: "visitor-\(number)", kind: .text, text: "hello"), asChannels)
            let id = try #require(received.conversation?.conversationID)
            let agent = options(as: number % platform.agentIDs.count)
            _ = try await client.accept(AcceptRequest(conversationID: id, requestID: UUID().text), agent)
            if number % 2 == 0 {
                let remind = Timestamp(start.advanced(by: .seconds(600)))
                _ = try await client.setPending(
                    SetPendingRequest(conversationID: id, requestID: UUID().text, remindTime: remind), agent)
                parked.append(id)
            } else {
                _ = try await client.sendMessage(
                    SendMessageRequest(conversationID: id, requestID: UUID().text, text: "hi"), agent)
                answered.append(id)
            }
        }
        try await settle()
        return (parked, answered)
    }

    // MARK: - Time

    /// Moves the clock of all processes, and waits until nothing is due any more in any of them.
    func advance(to minutes: Int) async throws {
        try clock.set(start.advanced(by: .seconds(60 * minutes)))
        try await settle()
    }

    /// The same, with one process of each service stopped in the middle of what is due.
    func advance(to minutes: Int, stopping index: Int) async throws {
        try clock.set(start.advanced(by: .seconds(60 * minutes)))
        try await services.stopping(index, of: Self.services)
        try await settle()
    }

    private func settle() async throws {
        // What one service does may be due to another.
        for _ in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in services.all { group.addTask { try await process.settle() } }
                try await group.waitForAll()
            }
        }
    }

    // MARK: - What must have happened

    func judge(parked: [String], answered: [String]) async throws {
        #expect(
            try await told("conversations.message", "text = 'still there?'") == once(answered),
            "a silent customer is told once that it will close")
        #expect(try await events("conversation.closed") == once(answered, at: 30), "and closed once")
        #expect(
            try await told("conversations.notification", "kind = 'reminder'") == once(parked), "each reminder reminds once")
        let tickets = try await platform.postgres.query(
            "select conversation_id, ticket_id from tickets.ticket_conversation"
        ).map { try $0.decode((UUID, UUID).self) }
        let ticketOf = Dictionary(tickets.map { ($0.0.text, $0.1.text) }, uniquingKeysWith: { first, _ in first })
        let (slow, fast) = (parked.compactMap { ticketOf[$0] }, answered.compactMap { ticketOf[$0] })
        try #require(slow.count == Self.count && fast.count == Self.count && tickets.count == 2 * Self.count)
        #expect(try await clocks("ticket.warned", "first_response") == once(slow, at: 10), "nobody answered: warned")
        #expect(try await clocks("ticket.breached", "first_response") == once(slow, at: 20), "and breached")
        // The answered ones were resolved by the closing, half an hour after they began.
        #expect(try await clocks("ticket.warned", "resolution") == once(slow + fast, at: 25))
        #expect(try await clocks("ticket.breached", "resolution") == once(slow, at: 40))
    }

    /// By subject: when it was told, and how often.
    private struct Told: Hashable {
        var count: Int
        var minutes: Int?
    }

    private func once(_ ids: [String], at minutes: Int? = nil) -> [String: Told] {
        Dictionary(uniqueKeysWithValues: ids.map { ($0, Told(count: 1, minutes: minutes)) })
    }

    private func told(_ table: String, _ condition: StaticString) async throws -> [String: Told] {
        let parts = table.split(separator: ".").map(String.init)
        let rows = try await platform.postgres.query(
            """
            select conversation_id, count(*)
            from \(identifier: parts[0]).\(identifier: parts[1])
            where \(fragment: SQL(stringLiteral: condition))
            group by conversation_id
            """)
        return try counted(rows.map { try $0.decode((UUID, Int).self) }.map { ($0, $1, nil) })
    }

    private func events(_ kind: String) async throws -> [String: Told] {
        let rows = try await platform.postgres.query(
            "select subject_id, count(*), min(time) from conversations.event where kind = \(kind) group by subject_id")
        return try counted(rows.map { try $0.decode((UUID, Int, Instant).self) }.map { ($0, $1, $2) })
    }

    private func clocks(_ kind: String, _ clock: String) async throws -> [String: Told] {
        let rows = try await platform.postgres.query(
            """
            select subject_id, count(*), min(time)
            from tickets.event
            where kind = \(kind) and attributes @> jsonb_build_object('clock', \(clock)::text)
            group by subject_id
            """)
        return try counted(rows.map { try $0.decode((UUID, Int, Instant).self) }.map { ($0, $1, $2) })
    }

    private func counted(_ rows: [(UUID, Int, Instant?)]) -> [String: Told] {
        Dictionary(
            uniqueKeysWithValues: rows.map { id, count, time in
                (id.text, Told(count: count, minutes: time.map { Int(start.duration(to: $0) / .seconds(60)) }))
            })
    }
}
