@testable import Conversations

/// A cell of SPEC 10 in the specification's own words.
struct SpecLine: Sendable, CustomStringConvertible {
    var cell: TransitionCell
    var expected: String

    init(_ state: ConversationState?, _ event: TransitionEvent, _ actor: TransitionActor, _ expected: String) {
        cell = TransitionCell(state: state, event: event, actor: actor)
        self.expected = expected
    }

    var description: String { "\(cell): \(expected)" }

    static let all = [
        SpecLine(nil, .inbound, .system, "queued"),
        SpecLine(nil, .inboundToBot, .system, "automated"),
        SpecLine(nil, .startByTemplate, .candidate, "pending(awaiting_reply)"),
        SpecLine(nil, .startFreeForm, .candidate, "open"),
        SpecLine(.automated, .intervene, .candidate, "open"),
        SpecLine(.automated, .close, .bot, "closed(bot)"),
        SpecLine(.automated, .handOff, .bot, "queued"),
        SpecLine(.queued, .accept, .candidate, "open"),
        SpecLine(.queued, .send, .candidate, "refused: not accepted"),
        SpecLine(.queued, .sendAccepting, .candidate, "open"),
        SpecLine(.queued, .accept, .stranger, "refused: out of scope"),
        SpecLine(.offered, .accept, .assignee, "open"),
        SpecLine(.offered, .accept, .colleague, "refused: offered to another"),
        SpecLine(.offered, .accept, .operator, "refused: offered to another"),
        SpecLine(.offered, .take, .operator, "open"),
        SpecLine(.offered, .take, .colleague, "refused: offered to another"),
        SpecLine(.offered, .offerTimeout, .router, "queued"),
        SpecLine(.open, .accept, .colleague, "refused: already taken"),
        SpecLine(.open, .accept, .assignee, "open"),
        SpecLine(.open, .take, .colleague, "open"),
        SpecLine(.open, .send, .assignee, "open"),
        SpecLine(.open, .send, .colleague, "refused: not yours"),
        SpecLine(.open, .send, .bot, "refused: not permitted"),
        SpecLine(.open, .setPending, .assignee, "pending(parked)"),
        SpecLine(.open, .setPending, .colleague, "refused: not yours"),
        SpecLine(.open, .agentOffline, .router, "pending(disconnected)"),
        SpecLine(.pending(.parked), .resume, .assignee, "open"),
        SpecLine(.pending(.parked), .inbound, .system, "pending(parked)"),
        SpecLine(.pending(.awaitingReply), .inbound, .system, "pending(parked)"),
        SpecLine(.pending(.awaitingReply), .resume, .assignee, "refused: awaiting reply"),
        SpecLine(.pending(.awaitingReply), .send, .assignee, "refused: awaiting reply"),
        SpecLine(.pending(.awaitingReply), .autoClose, .system, "closed(no_reply)"),
        SpecLine(.open, .windowPasses, .system, "expired(window)"),
        SpecLine(.expired(.window), .send, .assignee, "refused: expired"),
        SpecLine(.expired(.window), .inbound, .system, "queued"),
        SpecLine(.expired(.noAgent), .revive, .router, "queued"),
        SpecLine(.expired(.window), .revive, .router, "refused: not allowed"),
        SpecLine(.queued, .nobodyAvailable, .router, "expired(no_agent)"),
        SpecLine(.open, .transferToAgent, .assignee, "open"),
        SpecLine(.open, .transferToDepartment, .assignee, "queued"),
        SpecLine(.open, .transferToAgent, .colleague, "refused: not yours"),
        SpecLine(.open, .transferToAgent, .operator, "open"),
        SpecLine(.queued, .transferToAgent, .candidate, "offered"),
        SpecLine(.open, .close, .assignee, "closed(agent)"),
        SpecLine(.open, .close, .colleague, "refused: not yours"),
        SpecLine(.queued, .close, .candidate, "closed(agent)"),
        SpecLine(.open, .customerEnds, .customer, "closed(customer)"),
        SpecLine(.open, .block, .assignee, "closed(blocked)"),
        SpecLine(.closed(.agent), .close, .admin, "refused: closed"),
        SpecLine(.closed(.agent), .send, .assignee, "refused: closed"),
    ]

    static let byCell = Dictionary(uniqueKeysWithValues: all.map { ($0.cell, $0) })
}
