import Foundation
import Testing

@testable import Conversations

/// SPEC 10 cell by cell, and line by line in the specification's own words.
@Suite("SPEC 10: transitions")
struct TransitionTableTests {
    /// The golden file holds the answer of every state x event x actor; `SWITCHBOARD_WRITE_GOLDEN=1` rewrites it.
    @Test("every state x event x actor answers as the golden file says")
    func everyCellIsGolden() throws {
        let written = TransitionTableText.all()
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_GOLDEN"] == "1" {
            try written.write(to: TransitionTableText.golden, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: TransitionTableText.golden, encoding: .utf8)
        let differing = zip(written.split(separator: "\n"), golden.split(separator: "\n")).filter { $0 != $1 }
        #expect(written.count == golden.count && differing.isEmpty, "first difference: \(String(describing: differing.first))")
    }

    @Test("the cells are numbered without gaps")
    func cellsAreNumbered() {
        #expect(TransitionCell.all.count == TransitionCell.count)
        #expect(TransitionCell.all.indices.allSatisfy { TransitionCell.all[$0].number == $0 })
    }

    @Test("closed is terminal: nothing changes it, and only a message continues it", arguments: ClosingReason.allCases)
    func C17_closedIsTerminal(reason: ClosingReason) {
        for event in TransitionEvent.allCases {
            for actor in TransitionActor.allCases {
                guard case .allowed(let outcome) = decide(.closed(reason), event, actor) else { continue }
                #expect(event == .inbound || event == .inboundToBot)
                #expect(outcome.next == .closed(reason) && outcome.continues)
            }
        }
    }

    @Test("a load above the limit needs a line without a slot guard: there is none that enters offered or open for a new agent")
    func C10_everyNewLoadIsGuarded() {
        for cell in TransitionCell.all {
            guard case .allowed(let outcome) = decide(cell.state, cell.event, cell.actor), outcome.next.takesSlot else {
                continue
            }
            let keepsLoad = cell.state?.takesSlot == true && outcome.assignee == .keep
            #expect(keepsLoad || outcome.guards.contains(.slot) || outcome.next == cell.state, "\(cell)")
        }
    }

    @Test("whoever is not named by the table changes nothing: a refusal beside every success")
    func everySuccessHasARefusalBesideIt() {
        for state in TransitionCell.states {
            for event in TransitionEvent.allCases {
                let answers = TransitionActor.allCases.map { decide(state, event, $0) }
                #expect(answers.contains { if case .refused = $0 { true } else { false } }, "\(event) is open to everybody")
            }
        }
    }

    @Test(
        "the lines of SPEC 10",
        arguments: [
            Line(nil, .inbound, .system, "queued"),
            Line(nil, .inboundToBot, .system, "automated"),
            Line(nil, .startByTemplate, .candidate, "pending(awaiting_reply)"),
            Line(nil, .startFreeForm, .candidate, "open"),
            Line(.automated, .intervene, .candidate, "open"),
            Line(.automated, .close, .bot, "closed(bot)"),
            Line(.automated, .handOff, .bot, "queued"),
            Line(.queued, .accept, .candidate, "open"),
            Line(.queued, .send, .candidate, "refused: not accepted"),
            Line(.queued, .sendAccepting, .candidate, "open"),
            Line(.queued, .accept, .stranger, "refused: out of scope"),
            Line(.offered, .accept, .assignee, "open"),
            Line(.offered, .accept, .colleague, "refused: offered to another"),
            Line(.offered, .accept, .operator, "refused: offered to another"),
            Line(.offered, .take, .operator, "open"),
            Line(.offered, .take, .colleague, "refused: offered to another"),
            Line(.offered, .offerTimeout, .router, "queued"),
            Line(.open, .accept, .colleague, "refused: already taken"),
            Line(.open, .accept, .assignee, "open"),
            Line(.open, .take, .colleague, "open"),
            Line(.open, .send, .assignee, "open"),
            Line(.open, .send, .colleague, "refused: not yours"),
            Line(.open, .send, .bot, "refused: not permitted"),
            Line(.open, .setPending, .assignee, "pending(parked)"),
            Line(.open, .setPending, .colleague, "refused: not yours"),
            Line(.open, .agentOffline, .router, "pending(disconnected)"),
            Line(.pending(.parked), .resume, .assignee, "open"),
            Line(.pending(.parked), .inbound, .system, "pending(parked)"),
            Line(.pending(.awaitingReply), .inbound, .system, "pending(parked)"),
            Line(.pending(.awaitingReply), .resume, .assignee, "refused: awaiting reply"),
            Line(.pending(.awaitingReply), .send, .assignee, "refused: awaiting reply"),
            Line(.pending(.awaitingReply), .autoClose, .system, "closed(no_reply)"),
            Line(.open, .windowPasses, .system, "expired(window)"),
            Line(.expired(.window), .send, .assignee, "refused: expired"),
            Line(.expired(.window), .inbound, .system, "queued"),
            Line(.expired(.noAgent), .revive, .router, "queued"),
            Line(.expired(.window), .revive, .router, "refused: not allowed"),
            Line(.queued, .nobodyAvailable, .router, "expired(no_agent)"),
            Line(.open, .transferToAgent, .assignee, "open"),
            Line(.open, .transferToDepartment, .assignee, "queued"),
            Line(.open, .transferToAgent, .colleague, "refused: not yours"),
            Line(.open, .transferToAgent, .operator, "open"),
            Line(.queued, .transferToAgent, .candidate, "offered"),
            Line(.open, .close, .assignee, "closed(agent)"),
            Line(.open, .close, .colleague, "refused: not yours"),
            Line(.queued, .close, .candidate, "closed(agent)"),
            Line(.open, .customerEnds, .customer, "closed(customer)"),
            Line(.open, .block, .assignee, "closed(blocked)"),
            Line(.closed(.agent), .close, .admin, "refused: closed"),
            Line(.closed(.agent), .send, .assignee, "refused: closed"),
        ])
    func lineOfSpec(line: Line) {
        #expect(TransitionTableText.short(decide(line.state, line.event, line.actor)) == line.expected)
    }

    struct Line: Sendable, CustomTestStringConvertible {
        var state: ConversationState?
        var event: TransitionEvent
        var actor: TransitionActor
        var expected: String

        init(_ state: ConversationState?, _ event: TransitionEvent, _ actor: TransitionActor, _ expected: String) {
            (self.state, self.event, self.actor, self.expected) = (state, event, actor, expected)
        }

        var testDescription: String { "\(state?.description ?? "-"), \(event), \(actor): \(expected)" }
    }

    @Test("C43: the arrival is new only on return from expired, awaiting_reply or parked, and for what begins")
    func C43_arrivalIsKept() {
        for cell in TransitionCell.all {
            guard case .allowed(let outcome) = decide(cell.state, cell.event, cell.actor), outcome.arrival == .renew else {
                continue
            }
            switch cell.state {
            case nil, .expired, .pending(.awaitingReply), .pending(.parked): break
            default: Issue.record("\(cell) renews the arrival")
            }
        }
    }

    private func decide(_ state: ConversationState?, _ event: TransitionEvent, _ actor: TransitionActor) -> TransitionDecision {
        TransitionTable.decide(state, event, by: actor)
    }
}
