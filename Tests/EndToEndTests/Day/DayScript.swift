import Trials

/// A day in a support team before any of it has happened: who works when, which customers write where, and what becomes of each
/// of them. A value that follows from its seed.
struct DayScript: Sendable, Hashable {
    let seed: UInt64
    /// The moments at which something may happen: seconds since the day began.
    let times: [Int]
    /// While the team works in the evening and the next morning; in between it is at home.
    let shifts: [Range<Int>]
    let visits: [Visit]
    let silences: [Silence]
    let stops: [Stop]

    /// RELIABILITY.md 4, experiment 7: one process of each service is a zombie at this tick.
    struct Stop: Sendable, Hashable {
        enum Moment: Sendable, Hashable {
            /// As timers fall due and agents are lost.
            case due
            /// While everybody acts.
            case acts
        }

        var tick: Int
        var moment: Moment
        var replica: Int
    }

    /// An agent sends no heartbeats at these ticks, though he works.
    struct Silence: Sendable, Hashable {
        var agent: Int
        var ticks: Range<Int>
    }

    /// One customer who wants something.
    struct Visit: Sendable, Hashable {
        var number: Int
        var tick: Int
        var department: Int
        var channel: Channel
        var opening: Message
        /// What a bot does where one answers first, in turn; nothing more: it falls silent.
        var bot: [BotMove]
        /// What agents do with each offer, in turn; afterwards they accept.
        var answers: [OfferAnswer]
        /// What happens while the conversation is served, in turn.
        var moves: [Move]
        /// He writes again in the morning, if it has expired until then.
        var returns: Bool
    }

    enum Channel: String, Sendable, Hashable, CaseIterable { case whatsapp, facebook, instagram, webchat, email }

    /// A customer's message, which its provider may deliver more than once.
    struct Message: Sendable, Hashable {
        /// Deliveries at once, in any order with all others of the tick.
        var copies = 1
        /// How many ticks later the provider delivers it yet again; 0: never.
        var late = 0
    }

    enum BotMove: Sendable, Hashable {
        case answer, handOff, close
    }

    enum OfferAnswer: Sendable, Hashable {
        case accept(after: Int)
        case decline
        /// Until it lapses.
        case ignore
    }

    struct Move: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case customerWrites(Message)
            case reply
            /// Counted from the present assignee on.
            case toColleague(Int)
            case toDepartment(Int)
            case park, resume, close
            /// After the end, which begins another conversation.
            case comesBack
        }

        var kind: Kind
        /// Ticks since what came before.
        var after: Int
        /// The client asks again with the same request id, because the answer was lost.
        var repeats: Bool
    }
}

extension DayScript {
    /// Whether an agent's heartbeat comes at a tick.
    func isPresent(_ agent: Int, at tick: Int) -> Bool {
        shifts.contains { $0.contains(tick) } && !silences.contains { $0.agent == agent && $0.ticks.contains(tick) }
    }

    /// The ticks at which an agent has been silent for more than 30 s for the first time since his last heartbeat (S25).
    func losses(of agent: Int) -> [Int] {
        var losses: [Int] = []
        var (last, isLost) = (Int?.none, false)
        for tick in times.indices {
            if isPresent(agent, at: tick) {
                (last, isLost) = (tick, false)
            } else if let heard = last, !isLost, times[tick] - times[heard] > 30 {
                losses.append(tick)
                isLost = true
            }
        }
        return losses
    }
}
