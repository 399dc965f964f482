import ConversationsV1
import RoutingV1
import ServiceRuntime
import WallTime

/// 19: who was silent for more than 30 s is offline at the first moment at which that holds, and at no other; what he had is gone
/// with that moment, and nobody else loses anything.
extension DayJudge {
    func silences() -> [DayFinding] {
        let expected = team.agentIDs.indices.map { agent in
            script.losses(of: agent).map { start.advanced(by: .seconds(script.times[$0])) }
        }
        let late = team.agentIDs.indices.compactMap { agent -> DayFinding? in
            let told = losses(of: team.agentIDs[agent].text)
            guard told != expected[agent] else { return nil }
            return DayFinding(19, "agent \(agent) was offline from \(told), not from \(expected[agent])")
        }
        return late + kept(expected) + lost()
    }

    private func losses(of id: String) -> [Instant] {
        record.routing.filter { $0.kind == .presence && $0.subject == id && $0.presenceAfter == .offline }.map(\.time)
    }

    /// At the end of the moment in which somebody was lost, nothing is with him any more.
    private func kept(_ expected: [[Instant]]) -> [DayFinding] {
        var losses = zip(team.agentIDs, expected).flatMap { id, times in times.map { (time: $0, agent: id.text) } }
            .sorted { $0.time < $1.time }[...]
        var (replay, findings) = (DayReplay(), [DayFinding]())
        func look(until time: Instant) {
            while let loss = losses.first, loss.time < time {
                losses.removeFirst()
                for (conversation, standing) in replay.standings
                where standing.assignee == loss.agent && [.offered, .open].contains(standing.state) {
                    findings.append(DayFinding(19, "\(loss.agent) was lost at \(loss.time) and kept \(conversation)"))
                }
            }
        }
        for event in record.conversations {
            look(until: event.time)
            replay.take(event)
        }
        look(until: .latest)
        return findings
    }

    /// What was taken from somebody for his silence was taken at the moment at which he was lost.
    private func lost() -> [DayFinding] {
        let losses = Dictionary(uniqueKeysWithValues: team.agentIDs.map { ($0.text, Set(self.losses(of: $0.text))) })
        return record.conversations.compactMap { event in
            guard event.kind == .pending, event.reasonAfter == .disconnected else { return nil }
            let agent = event.audienceBefore?.assigneeID ?? ""
            if losses[agent]?.contains(event.time) ?? false { return nil }
            return DayFinding(19, "\(event.conversationID) was taken from \(agent) at \(event.time), who was there")
        }
    }
}

extension RoutingEvent {
    var time: Instant { occurTime.map { Instant($0) } ?? .earliest }
}
