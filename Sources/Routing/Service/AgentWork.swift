import EventLog
import FoundationEssentials
import WallTime

/// What follows outside this service from a change of an agent's: a job, so that it happens once whatever breaks in between.
enum AgentWork: Sendable, Hashable {
    enum Cause: String, Sendable, Hashable, CaseIterable {
        case offline, away
        /// C41.
        case deactivated
    }

    /// What he carries goes back (S25, C12, C41); what is only offered to him, where he went away.
    case withdraw(AgentID, Cause)
    /// He was available until then and is not any more: where nobody else is, web chats wait only so long (C15).
    case leave(AgentID, Instant)
    /// He is there again: what waited for him comes back to him, and his departments' queues are looked at (C12).
    case welcome(AgentID)

    static let kinds = ["agent.withdraw", "agent.welcome", "agent.leave"]

    var agent: AgentID {
        switch self {
        case .withdraw(let agent, _), .welcome(let agent), .leave(let agent, _): agent
        }
    }
}

extension AgentWork {
    /// One agent's jobs run in the order of their making: he comes back after he has gone.
    func job(tenantID: UUID, at now: Instant) -> NewJob {
        let (kind, word) =
            switch self {
            case .withdraw(_, let cause): (Self.kinds[0], cause.rawValue)
            case .welcome: (Self.kinds[1], "")
            case .leave(_, let time): (Self.kinds[2], "\(time.microseconds)")
            }
        return NewJob(
            tenantID: tenantID, kind: kind, cause: "\(agent)/\(word)/\(now.microseconds)",
            payload: Array("\(agent) \(word)".utf8), orderingKey: agent.uuid)
    }

    /// `nil` for a job of a newer release.
    init?(_ job: Job) {
        let words = String(decoding: job.payload, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let agent = AgentID(String(words[0])) else { return nil }
        switch job.kind {
        case Self.kinds[0]:
            guard let cause = Cause(rawValue: String(words[1])) else { return nil }
            self = .withdraw(agent, cause)
        case Self.kinds[1]: self = .welcome(agent)
        case Self.kinds[2]:
            guard let microseconds = Int64(words[1]) else { return nil }
            self = .leave(agent, Instant(microseconds: microseconds))
        default: return nil
        }
    }
}
