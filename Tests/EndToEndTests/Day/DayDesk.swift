import ConversationsV1
import EndToEndSupport
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import Synchronization
import TicketsV1
import WallTime

/// Where everybody who takes part in the day calls the services, each with a token of his own, and what they were answered.
final class DayDesk: Sendable {
    let team: DayTeam
    private let platform: Platform
    private let clock: TestClockFile
    private let channels: [String: GRPC.Channel]
    private let agents: [CallOptions]
    private let asAdmin: CallOptions
    private let asBot: CallOptions
    private let credentials: [String: ServiceCredentials]
    private let book = Mutex(DayLedger())

    static let callTimeMax: Duration = .seconds(60)
    /// Longer than the day and all that is between it and now.
    private static let tokenLifetime: Duration = .seconds(14 * 86_400)

    init(_ team: DayTeam, _ platform: Platform, _ services: RunningServices, _ clock: TestClockFile) async throws {
        (self.team, self.platform, self.clock) = (team, platform, clock)
        channels = Dictionary(
            uniqueKeysWithValues: Platform.keepers.map { service in
                let addresses = services.replicas(of: service).map { ServerAddress(host: "127.0.0.1", port: $0.listen.grpc) }
                return (service, GRPC.Channel(addresses: addresses))
            })
        let keys = LocalKeys(directory: platform.keys)
        func token(_ agent: Int, _ role: String) async throws -> CallOptions {
            Self.options(
                try await keys.agentToken(
                    tenantID: team.tenantID, agentID: team.agentIDs[agent], name: "Agent \(agent)", roles: [role],
                    lifetime: Self.tokenLifetime))
        }
        var agents: [CallOptions] = []
        for agent in team.agentIDs.indices { agents.append(try await token(agent, "agent")) }
        self.agents = agents
        asAdmin = try await token(0, "admin")
        credentials = Dictionary(
            uniqueKeysWithValues: try ["channels", "gateway", "routing"].map { service in
                let key = try readFile(keys.privateKey(of: service))
                return (service, try ServiceCredentials(service: service, key: key, now: { clock.now }))
            })
        asBot = Self.options(try await Self.botToken(of: team, signedBy: credentials["routing"]!))
    }

    func close() async {
        for channel in channels.values { await channel.close() }
    }

    private static func options(_ token: String) -> CallOptions {
        CallOptions(timeout: callTimeMax, metadata: ["authorization": "Bearer \(token)"])
    }

    /// As routing gives one for a bot's API key.
    private static func botToken(of team: DayTeam, signedBy routing: ServiceCredentials) async throws -> String {
        try await routing.sign(
            TokenClaims(
                issuer: routing.service, audience: [LocalKeys.audience], subject: team.botID.text, kind: .bot,
                tenantID: team.tenantID, name: "Bot", issued: .now, expires: Instant.now.advanced(by: tokenLifetime)))
    }

    private func asService(_ service: String, to callee: String, timeout: Duration? = callTimeMax) async throws -> CallOptions {
        let token = try await credentials[service]!.token(for: callee)
        return CallOptions(
            timeout: timeout,
            metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: team.tenantID.text])
    }

    // MARK: - Calls

    var ledger: DayLedger { book.withLock { $0 } }

    /// Asks until somebody answers, as every client does: what is not there now, or still under way, is asked for again with the
    /// same id.
    private func insist<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        let deadline = ContinuousClock.now + Self.callTimeMax
        while true {
            do {
                return try await call()
            } catch let error as RPCError where [.unavailable, .aborted].contains(error.code) && .now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// A request of somebody's, and what came of it.
    /// - Parameter repeats: the answer gets lost, and he asks again.
    private func ask<Answer: Equatable & Sendable>(
        _ act: String, repeats: Bool, _ call: (_ requestID: String) async throws -> Answer, noting note: (inout DayLedger) -> Void
    ) async throws {
        let requestID = UUID().text
        do {
            let answer = try await insist { try await call(requestID) }
            book.withLock { ledger in
                ledger.requests += 1
                note(&ledger)
            }
            guard repeats else { return }
            let again = try await insist { try await call(requestID) }
            if again != answer { book.withLock { $0.unlikeAnswers.append("\(act) \(requestID)") } }
        } catch let error as RPCError {
            let reason = error.reason ?? "\(error.code)"
            book.withLock { ledger in
                ledger.requests += 1
                ledger.refusals["\(act) \(reason)", default: 0] += 1
            }
        }
    }

    // MARK: - What is set up

    func promise() async throws {
        let sla = SlaServiceClient(channels["tickets"]!)
        let calendar = try await sla.createCalendar(
            CreateCalendarRequest(calendar: DayPromises.calendar, requestID: UUID().text), asAdmin
        ).calendar
        _ = try await sla.createSlaPolicy(
            CreateSlaPolicyRequest(policy: DayPromises.policy(calendarID: calendar?.calendarID ?? ""), requestID: UUID().text),
            asAdmin)
    }

    // MARK: - Presence

    func beat(_ agents: [Int]) async throws {
        if agents.isEmpty { return }
        let beats = agents.map { Beat(tenantID: team.tenantID.text, agentID: team.agentIDs[$0].text) }
        let client = PresenceServiceClient(channels["routing"]!)
        _ = try await client.heartbeat(try await asService("gateway", to: "routing")) { stream in
            try await stream.write(HeartbeatRequest(beats: beats))
        }
    }

    /// Whom the system has set away, because he missed offers, wants work again.
    func wantWork(_ agent: Int) async throws {
        let request = SetAgentStatusRequest(
            agentID: team.agentIDs[agent].text, availability: .available, requestID: UUID().text)
        _ = try await AgentsServiceClient(channels["routing"]!).setAgentStatus(request, agents[agent])
    }

    // MARK: - Customers

    /// One delivery of a customer's message.
    func deliver(_ delivery: DayDelivery) async throws {
        let request = ReceiveMessageRequest(
            channelAccountID: delivery.account, providerMessageID: delivery.providerID, senderAddress: delivery.address,
            thread: delivery.thread, kind: .text, text: delivery.text)
        let options = try await asService("channels", to: "conversations")
        _ = try await insist { try await conversations.receiveMessage(request, options) }
        let key = DayLedger.key(account: delivery.account, providerID: delivery.providerID)
        book.withLock { ledger in
            ledger.requests += 1
            ledger.delivered[key, default: 0] += 1
        }
    }

    // MARK: - Bots and agents

    private var conversations: ConversationsServiceClient { ConversationsServiceClient(channels["conversations"]!) }

    func answerAsBot(in id: String, _ text: String, repeats: Bool) async throws {
        try await send(text, in: id, as: asBot, "bot's answer", repeats: repeats)
    }

    func reply(_ agent: Int, in id: String, _ text: String, repeats: Bool) async throws {
        try await send(text, in: id, as: agents[agent], "reply", repeats: repeats)
    }

    private func send(_ text: String, in id: String, as caller: CallOptions, _ act: String, repeats: Bool) async throws {
        try await ask(act, repeats: repeats) {
            try await conversations.sendMessage(SendMessageRequest(conversationID: id, requestID: $0, text: text), caller)
        } noting: {
            $0.sent.append(text)
        }
    }

    func handOff(_ id: String, repeats: Bool) async throws {
        try await ask("hand-off", repeats: repeats) {
            try await conversations.handOff(HandOffRequest(conversationID: id, requestID: $0), asBot)
        } noting: { _ in
        }
    }

    func accept(_ agent: Int, _ id: String, repeats: Bool) async throws {
        try await ask("accept", repeats: repeats) {
            try await conversations.accept(AcceptRequest(conversationID: id, requestID: $0), agents[agent])
        } noting: { _ in
        }
    }

    func decline(_ agent: Int, _ id: String, repeats: Bool) async throws {
        try await ask("decline", repeats: repeats) {
            try await conversations.decline(DeclineRequest(conversationID: id, requestID: $0), agents[agent])
        } noting: { _ in
        }
    }

    func transfer(_ agent: Int, _ id: String, to target: TransferRequest.Target, repeats: Bool) async throws {
        try await ask("transfer", repeats: repeats) {
            try await conversations.transfer(TransferRequest(conversationID: id, requestID: $0, target: target), agents[agent])
        } noting: {
            $0.transfers[id, default: 0] += 1
        }
    }

    func park(_ agent: Int, _ id: String, repeats: Bool) async throws {
        try await ask("park", repeats: repeats) {
            try await conversations.setPending(SetPendingRequest(conversationID: id, requestID: $0), agents[agent])
        } noting: {
            $0.pauses[id, default: 0] += 1
        }
    }

    func resume(_ agent: Int, _ id: String, repeats: Bool) async throws {
        try await ask("resume", repeats: repeats) {
            try await conversations.resume(ResumeRequest(conversationID: id, requestID: $0), agents[agent])
        } noting: { _ in
        }
    }

    func close(_ agent: Int, _ id: String, repeats: Bool) async throws { try await close(id, as: agents[agent], repeats) }
    func closeAsBot(_ id: String) async throws { try await close(id, as: asBot, false) }

    private func close(_ id: String, as caller: CallOptions, _ repeats: Bool) async throws {
        try await ask("close", repeats: repeats) {
            try await conversations.close(CloseRequest(conversationID: id, requestID: $0), caller)
        } noting: {
            $0.closes[id, default: 0] += 1
        }
    }

    // MARK: - What is told

    /// Everything that has been told of conversations behind a cursor, until now.
    func conversationEvents(after cursor: String) async throws -> (events: [ConversationEvent], cursor: String) {
        let request = ConversationsV1.WatchRequest(afterCursor: cursor)
        var told = (events: [ConversationEvent](), cursor: cursor)
        for try await response in conversations.watch(request, try await asService("gateway", to: "conversations", timeout: nil))
        {
            if let event = response.event { told.events.append(event) }
            told.cursor = response.cursor
            if response.live { break }
        }
        return told
    }

    func routingEvents(after cursor: String) async throws -> (events: [RoutingEvent], cursor: String) {
        let client = RoutingServiceClient(channels["routing"]!)
        let request = RoutingV1.WatchRequest(afterCursor: cursor)
        var told = (events: [RoutingEvent](), cursor: cursor)
        for try await response in client.watch(request, try await asService("gateway", to: "routing", timeout: nil)) {
            if let event = response.event { told.events.append(event) }
            told.cursor = response.cursor
            if response.live { break }
        }
        return told
    }

    func ticketEvents(after cursor: String) async throws -> (events: [TicketEvent], cursor: String) {
        let client = TicketsServiceClient(channels["tickets"]!)
        let request = TicketsV1.WatchRequest(afterCursor: cursor)
        var told = (events: [TicketEvent](), cursor: cursor)
        for try await response in client.watch(request, try await asService("gateway", to: "tickets", timeout: nil)) {
            if let event = response.event { told.events.append(event) }
            told.cursor = response.cursor
            if response.live { break }
        }
        return told
    }
}
