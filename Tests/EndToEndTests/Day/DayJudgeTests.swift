import ConversationsV1
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import TicketsV1
import WallTime

/// Each promise is seen to be broken where it is, and by its own number; an honest record passes.
@Suite("The judge of a day")
struct DayJudgeTests {
    private static let start = Instant(rfc3339: "2026-03-09T11:00:00Z")!
    private let day = SmallDay(start: start)

    @Test("a day that kept every promise has no findings")
    func honest() {
        #expect(day.judge().findings == [])
        #expect(day.record.conversations.count > 10)
    }

    @Test("what somebody is told of a conversation does not say how it stands")
    func notified() {
        let broken = day.broken { record in
            record.conversations = record.conversations.flatMap { event in
                [event, ConversationEvent(kind: .notified, conversationID: event.conversationID, occurTime: event.occurTime)]
            }
        }
        #expect(broken == [])
    }

    @Test("1: a message that is lost, stored twice, or nobody's")
    func G1_exactlyOnce() {
        #expect(
            day.broken { $0.conversations.removeAll { $0.message?.providerMessageID == "p2" } } == [1, 7],
            "what the customer never asked stops no clock")
        #expect(day.broken { $0.ledger.delivered.removeAll() } == [1])
        #expect(day.broken { $0.ledger.delivered["account/p9"] = 1 } == [1])
        let twice = day.broken { record in
            var again = record.conversations.first { $0.message?.providerMessageID == "p1" }!
            again.message?.seq = 2
            record.conversations.append(again)
        }
        #expect(twice.contains(1))
    }

    @Test("1: a second conversation of an address that has one")
    func G1_oneConversation() {
        let broken = day.broken { record in
            record.conversations.insert(day.event(.created, "other", at: 16, to: .queued, address: "one"), at: 4)
        }
        #expect(broken == [1])
    }

    @Test("2: a conversation that two got, and a fourth chat of one who may carry three")
    func G2_oneWinner() {
        let won = day.broken { record in
            let index = record.conversations.firstIndex { $0.kind == .accepted }!
            var second = record.conversations[index]
            second.audienceAfter?.assigneeID = day.agent(1)
            record.conversations.insert(second, at: index + 1)
        }
        #expect(won.contains(2))
        let loaded = day.broken { record in
            for number in 0...DayTeam.chatLimit {
                record.conversations.append(
                    day.event(.created, "c\(number)", at: 90_000, to: .open, agent: 2, address: "a\(number)"))
            }
            for number in 0...DayTeam.chatLimit { record.conversations.append(day.end("c\(number)", of: 2, from: .open)) }
        }
        #expect(loaded == [2])
    }

    @Test("3: the later one is given away first")
    func G3_order() {
        func give(_ order: [String], of channel: ChannelKind = .webchat) -> [Int] {
            day.broken { record in
                for (number, id) in ["early", "late"].enumerated() {
                    record.conversations.append(
                        day.event(
                            .created, id, at: 90_000 + number, to: .queued, address: id, channel: number == 0 ? .webchat : channel
                        ))
                }
                for id in order {
                    record.conversations.append(
                        day.event(
                            .offered, id, at: 90_010, from: .queued, to: .offered, agent: 5, address: id,
                            arrival: id == "early" ? 90_000 : 90_001, channel: id == "early" ? .webchat : channel))
                }
                for id in order { record.conversations.append(day.end(id, of: 5, from: .offered)) }
            }
        }
        #expect(give(["early", "late"]) == [])
        #expect(give(["late", "early"]) == [3])
        #expect(give(["late", "early"], of: .email) == [], "an e-mail takes another slot")
    }

    @Test("3: where agents take what they like, the router gives back to who had it last, the first of those")
    func G3_manual() {
        let manual = day.team.departmentIDs[DayTeam.manualDepartment].text
        func give(earlyWas holder: Int?) -> [Int] {
            day.broken { record in
                func add(
                    _ kind: ConversationEventKind, _ id: String, at seconds: Int, from before: ConversationState,
                    to after: ConversationState, agent: Int?, agentBefore: Int? = nil, by actor: Int? = nil
                ) {
                    var event = day.event(
                        kind, id, at: seconds, from: before, to: after, agent: agent, agentBefore: agentBefore, by: actor,
                        address: id,
                        arrival: id == "early" ? 90_000 : 90_001)
                    event.audienceAfter?.departmentID = manual
                    record.conversations.append(event)
                }
                for (id, agent) in [("early", holder), ("late", 5)] {
                    add(.created, id, at: 90_001, from: .unspecified, to: .queued, agent: nil)
                    guard let agent else { continue }
                    add(.accepted, id, at: 90_002, from: .queued, to: .open, agent: agent, by: agent)
                    add(.queued, id, at: 90_003, from: .open, to: .queued, agent: nil, agentBefore: agent)
                }
                add(.accepted, "late", at: 90_010, from: .queued, to: .open, agent: 5)
                add(.closed, "late", at: 90_020, from: .open, to: .closed, agent: 5)
                add(.closed, "early", at: 90_020, from: .queued, to: .closed, agent: nil)
            }.filter { $0 == 3 }
        }
        #expect(give(earlyWas: nil) == [])
        #expect(give(earlyWas: 6) == [])
        #expect(give(earlyWas: 5) == [3])
    }

    @Test("7, 8: a warning that was told twice, was not told, or is a second late; a breach that is not due")
    func G8_alarms() {
        let due = day.judge().expectedAlarms().sorted { $0.time < $1.time }
        #expect(due.map(\.kind) == [.warned, .breached, .warned, .breached])
        #expect(day.broken { $0.tickets.append($0.tickets.last { $0.kind == .warned }!) } == [8])
        #expect(day.broken { $0.tickets.removeAll { $0.kind == .breached } } == [7])
        #expect(
            day.broken { record in
                let index = record.tickets.firstIndex { $0.kind == .breached }!
                record.tickets[index].occurTime = Timestamp(Instant(record.tickets[index].occurTime!).advanced(by: .seconds(1)))
            } == [7])
    }

    @Test("7: hours that are closed do not count, nor does what waits for the customer")
    func G7_pauses() {
        let times = day.judge().expectedAlarms().filter { $0.clock == .resolution }.map { Self.start.duration(to: $0.time) }
        // Asked after 0 s, answered after 500 s, asked again after 1,000 s: 500 s are the customer's, 360 s the break's.
        #expect(
            times.sorted() == [
                .seconds(7_207 - 3_001 + 500 + 360), .seconds(7_207 + 500 + 360),
            ])
    }

    @Test(
        "11: a repetition with an effect of its own, one that is answered otherwise, and an acknowledged act that never happened")
    func G11_effects() {
        #expect(day.broken { $0.ledger.unlikeAnswers = ["accept c"] } == [11])
        #expect(day.broken { $0.ledger.sent.append("never stored") } == [11])
        #expect(day.broken { $0.ledger.closes = [:] } == [11])
        #expect(day.broken { $0.ledger.transfers["c"] = 1 } == [11])
        #expect(day.broken { $0.ledger.pauses["c"] = 1 } == [11])
    }

    @Test("13: a message that the provider refused")
    func G13_provider() {
        #expect(day.broken { $0.ledger.providerRefusals = [131_047] } == [13])
    }

    @Test("17: numbers with a gap, or in another order")
    func G17_sequence() {
        #expect(
            day.broken { record in
                let index = record.conversations.lastIndex { $0.kind == .messageAdded }!
                record.conversations[index].message?.seq += 1
            } == [17])
    }

    @Test("19: somebody lost too late, or who was there; somebody who kept what he had, or lost it without being gone")
    func G19_silences() {
        let late = day.broken { record in
            let index = record.routing.firstIndex { $0.presenceAfter == .offline }!
            record.routing[index].occurTime = Timestamp(Self.start.advanced(by: .seconds(50_000)))
        }
        #expect(late == [19])
        #expect(day.broken { $0.routing.append(day.offline(3, at: 100)) } == [19])
        let taken = day.broken { record in
            record.conversations.append(
                day.event(.created, "e", at: 90_000, to: .open, agent: 5, address: "three"))
            record.conversations.append(
                day.event(
                    .pending, "e", at: 90_000, from: .open, to: .pending, agent: 5, address: "three", reason: .disconnected))
        }
        #expect(taken == [19])
        let kept = day.broken { record in
            let accepted = Self.start.advanced(by: .seconds(1_016))
            record.conversations.removeAll { $0.conversationID == "d" && $0.time > accepted }
        }
        #expect(kept == [19])
    }
}

/// A day in which one customer is served slowly and another one's agent goes home.
private struct SmallDay {
    let start: Instant
    /// One agent is silent at the third moment; after the fourth everybody goes.
    let script = DayScript(
        seed: 1, times: [0, 2_000, 2_040, 90_000, 90_100], shifts: [0..<4, 4..<4], visits: [],
        silences: [.init(agent: 4, ticks: 2..<3)], stops: [])
    let team = DayTeam(tenantID: .init())
    private(set) var record = DayRecord()

    func agent(_ index: Int) -> String { team.agentIDs[index].text }

    init(start: Instant) {
        self.start = start
        record.end = start.advanced(by: .seconds(script.times.last!))
        record.ledger.delivered = ["account/p1": 2, "account/p2": 1, "account/p3": 1]
        record.ledger.sent = ["answer"]
        record.ledger.closes = ["c": 1]
        let gone = script.times[2]
        record.conversations = [
            event(.created, "c", at: 0, to: .queued, address: "one"),
            message("p1", "c", 1, at: 0, in: .queued, address: "one"),
            event(.offered, "c", at: 8, from: .queued, to: .offered, agent: 0, address: "one"),
            event(.accepted, "c", at: 16, from: .offered, to: .open, agent: 0, by: 0, address: "one"),
            message("", "c", 2, at: 500, in: .open, agent: 0, text: "answer", address: "one"),
            message("p2", "c", 3, at: 1_000, in: .open, agent: 0, address: "one"),
            event(.created, "d", at: 1_000, to: .queued, address: "two"),
            message("p3", "d", 1, at: 1_000, in: .queued, address: "two"),
            event(.offered, "d", at: 1_008, from: .queued, to: .offered, agent: 4, address: "two", arrival: 1_000),
            event(.accepted, "d", at: 1_016, from: .offered, to: .open, agent: 4, by: 4, address: "two", arrival: 1_000),
            event(.queued, "d", at: gone, from: .open, to: .queued, agentBefore: 4, address: "two", arrival: 1_000),
            event(.closed, "d", at: 2_100, from: .queued, to: .closed, address: "two", reason: .inactive),
            event(.closed, "c", at: 90_000, from: .open, to: .closed, agent: 0, by: 0, address: "one", reason: .agent),
        ]
        // By the evening all of them have gone.
        record.routing = team.agentIDs.indices.flatMap { index in
            script.losses(of: index).map { offline(index, at: script.times[$0]) }
        }
        let linked = Ticket(ticketID: "t", conversations: [TicketConversation(conversationID: "c")])
        record.tickets = [TicketEvent(kind: .created, ticketID: "t", ticket: linked)]
        record.tickets += judge().expectedAlarms().map { alarm in
            TicketEvent(
                kind: alarm.kind, ticketID: alarm.ticket, occurTime: Timestamp(alarm.time), clock: alarm.clock, ticket: linked)
        }
    }

    func judge(_ record: DayRecord? = nil) -> DayJudge {
        DayJudge(script: script, team: team, start: start, record: record ?? self.record)
    }

    /// The numbers of the guarantees that the judge finds broken.
    func broken(_ change: (inout DayRecord) -> Void) -> [Int] {
        var record = record
        change(&record)
        return Set(judge(record).findings.map(\.guarantee)).sorted()
    }

    // MARK: - Events

    func event(
        _ kind: ConversationEventKind, _ id: String, at seconds: Int, from before: ConversationState = .unspecified,
        to after: ConversationState, agent: Int? = nil, agentBefore: Int? = nil, by actor: Int? = nil, address: String,
        reason: ConversationStateReason = .unspecified, arrival: Int? = nil, channel: ChannelKind = .webchat
    ) -> ConversationEvent {
        // A state that has an assignee has had him before, but for an offer.
        let held = agentBefore ?? ([.offered, .open].contains(before) ? agent : nil)
        return ConversationEvent(
            kind: kind, conversationID: id, occurTime: Timestamp(start.advanced(by: .seconds(seconds))),
            actor: actor.map { Actor(kind: .agent, actorID: self.agent($0)) } ?? Actor(kind: .system),
            audienceBefore: before == .unspecified ? nil : Audience(assigneeID: held.map(self.agent) ?? ""),
            audienceAfter: Audience(departmentID: "department", assigneeID: agent.map(self.agent) ?? ""), stateBefore: before,
            stateAfter: after, reasonAfter: reason,
            conversation: Conversation(conversationID: id, channelAccountID: "account", customerAddress: address),
            arrivalTimeAfter: Timestamp(start.advanced(by: .seconds(arrival ?? (before == .unspecified ? seconds : 0)))),
            channel: channel)
    }

    /// It ends by itself.
    func end(_ id: String, of agent: Int, from state: ConversationState) -> ConversationEvent {
        event(.closed, id, at: 90_020, from: state, to: .closed, agent: agent, address: id, reason: .inactive)
    }

    func message(
        _ providerID: String, _ id: String, _ seq: Int32, at seconds: Int, in state: ConversationState, agent: Int? = nil,
        text: String = "", address: String
    ) -> ConversationEvent {
        var event = event(
            .messageAdded, id, at: seconds, from: state, to: state, agent: agent, by: text.isEmpty ? nil : agent, address: address
        )
        event.message = Message(
            conversationID: id, seq: seq, direction: text.isEmpty ? .inbound : .outbound,
            author: Actor(kind: text.isEmpty ? .customer : .agent), text: text, providerMessageID: providerID)
        return event
    }

    func offline(_ index: Int, at seconds: Int) -> RoutingEvent {
        RoutingEvent(
            kind: .presence, subject: agent(index), occurTime: Timestamp(start.advanced(by: .seconds(seconds))),
            presenceAfter: .offline)
    }
}
