import ConversationsV1
import ServiceRuntime
import WallTime

/// 3: whoever the router gives a conversation to gets the first of the queue that he may have.
extension DayJudge {
    func arrivals() -> [DayFinding] {
        var queue = DayQueue(manualDepartment: team.departmentIDs[DayTeam.manualDepartment].text)
        var findings: [DayFinding] = []
        for event in record.conversations where event.changesStanding {
            if event.isRouted, let passed = queue.passed(by: event) {
                findings.append(
                    DayFinding(
                        3, "\(event.conversationID) was given away at \(event.time) before \(passed): \(history(of: passed))"))
            }
            queue.take(event)
        }
        return findings
    }
}

extension DayJudge {
    /// What became of a conversation, for who looks into a finding.
    private func history(of id: String) -> String {
        record.conversations.filter { $0.conversationID == id && $0.changesStanding }.map { event in
            let (department, agent) = (event.audienceAfter?.departmentID ?? "", event.audienceAfter?.assigneeID ?? "")
            let index = team.departmentIDs.firstIndex { $0.text == department }
            return "\(event.time) \(event.stateBefore)->\(event.stateAfter) in \(index.map(String.init) ?? "none") \(agent)"
        }.joined(separator: ", ")
    }
}

extension ConversationEvent {
    /// The router gave it to somebody.
    fileprivate var isRouted: Bool {
        stateBefore == .queued && [.offered, .open].contains(stateAfter) && actor?.kind == .system
    }
}

/// Who waits, since when, and to whom each was offered last.
private struct DayQueue {
    struct Waiting {
        var department: String
        var isEmail: Bool
        var arrival: Instant
        var since: Instant
    }

    /// Its agents take what they like: the router gives there only what comes back, to who had it last (C13).
    let manualDepartment: String

    /// How long a lapsed offer keeps its agent from being offered the same again (C14).
    static let rest: Swift.Duration = .seconds(30)

    private var waiting: [String: Waiting] = [:]
    private var lapsed: [String: (agent: String, time: Instant)] = [:]
    /// Who had it last; an offer alone is not having.
    private var lastAgent: [String: String] = [:]

    init(manualDepartment: String) { self.manualDepartment = manualDepartment }

    /// One that waited when the clock came to where it stands, came before this one, and could have gone to the same agent.
    func passed(by event: ConversationEvent) -> String? {
        guard let own = waiting[event.conversationID], let agent = event.audienceAfter?.assigneeID else { return nil }
        return waiting.first { id, other in
            other.department == own.department && other.isEmail == own.isEmail && other.since < event.time
                && (other.arrival, id) < (own.arrival, event.conversationID) && !rests(id, from: agent, at: event.time)
                && (other.department != manualDepartment || lastAgent[id] == agent)
        }?.key
    }

    private func rests(_ id: String, from agent: String, at time: Instant) -> Bool {
        guard let lapsed = lapsed[id], lapsed.agent == agent else { return false }
        return time < lapsed.time.advanced(by: Self.rest)
    }

    mutating func take(_ event: ConversationEvent) {
        let id = event.conversationID
        let (before, after) = (event.audienceBefore?.assigneeID ?? "", event.audienceAfter?.assigneeID ?? "")
        if !before.isEmpty, before != after, event.stateBefore != .offered { lastAgent[id] = before }
        if event.stateBefore == .offered, event.stateAfter == .queued {
            lapsed[id] = (before, event.time)
        }
        guard event.stateAfter == .queued else {
            waiting[id] = nil
            return
        }
        let department = event.audienceAfter?.departmentID ?? ""
        let stays = waiting[id]?.department == department
        waiting[id] = Waiting(
            department: department, isEmail: event.channel == .email,
            arrival: event.arrivalTimeAfter.map { Instant($0) } ?? event.time, since: stays ? waiting[id]!.since : event.time)
    }
}
