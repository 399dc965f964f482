import ConversationsV1
import RoutingV1
import ServiceRuntime
import WallTime

/// Holds a day's record against SPEC.md 11: pure, so that each promise can be seen to fail.
struct DayJudge: Sendable {
    let script: DayScript
    let team: DayTeam
    let start: Instant
    let record: DayRecord

    /// Everything that is judged by the streams and the ledger alone.
    var findings: [DayFinding] {
        let judgements = [
            exactlyOnce, oneConversationEach, oneWinnerEach, loads, arrivals, alarms, effects, provider, sequences, silences,
        ]
        return judgements.flatMap { $0() }
    }

    // MARK: - 1, 17

    /// Every delivered message is there once.
    func exactlyOnce() -> [DayFinding] {
        var found: [String: Int] = [:]
        for event in record.conversations {
            guard let message = event.newMessage, message.direction == .inbound else { continue }
            let account = event.conversation?.channelAccountID ?? ""
            found[DayLedger.key(account: account, providerID: message.providerMessageID), default: 0] += 1
        }
        let lost = record.ledger.delivered.keys.filter { found[$0] == nil }.map { DayFinding(1, "\($0) is lost") }
        let twice = found.filter { $0.value > 1 }.map { DayFinding(1, "\($0.key) is there \($0.value) times") }
        let ghosts = found.keys.filter { record.ledger.delivered[$0] == nil }.map { DayFinding(1, "nobody sent \($0)") }
        return lost + twice + ghosts
    }

    /// At every moment an address has at most one conversation that is not closed.
    func oneConversationEach() -> [DayFinding] {
        var (replay, living, findings) = (DayReplay(), [String: Set<String>](), [DayFinding]())
        for event in record.conversations {
            replay.take(event)
            guard let standing = replay[event.conversationID] else { continue }
            let key = "\(standing.account)/\(standing.address)"
            if standing.state == .closed {
                living[key]?.remove(event.conversationID)
            } else if living[key, default: []].insert(event.conversationID).inserted, living[key]!.count > 1 {
                findings.append(DayFinding(1, "\(key) has \(living[key]!.count) conversations at \(event.time)"))
            }
        }
        return findings
    }

    /// Messages of a conversation are numbered 1, 2, 3 in the order in which they were told.
    func sequences() -> [DayFinding] {
        var (last, findings) = ([String: Int32](), [DayFinding]())
        for event in record.conversations {
            guard let message = event.newMessage else { continue }
            let expected = last[event.conversationID, default: 0] + 1
            if message.seq != expected {
                findings.append(DayFinding(17, "\(event.conversationID): \(message.seq) stands where \(expected) belongs"))
            }
            last[event.conversationID] = message.seq
        }
        return findings
    }

    // MARK: - 2

    /// Each step begins where the one before has ended, so that of two who want the same one alone gets it.
    func oneWinnerEach() -> [DayFinding] {
        var (replay, findings) = (DayReplay(), [DayFinding]())
        for event in record.conversations where event.changesStanding {
            guard let before = replay.take(event) else {
                if event.stateBefore != .unspecified {
                    findings.append(DayFinding(2, "\(event.conversationID) begins with \(event.kind)"))
                }
                continue
            }
            let from = (event.stateBefore, event.audienceBefore?.assigneeID ?? "")
            let to = (event.stateAfter, event.audienceAfter?.assigneeID ?? "")
            // What one step tells in two events begins once where it ends.
            let stood = (before.state, before.assignee)
            if event.stateBefore != .unspecified, stood != from, stood != to {
                findings.append(
                    DayFinding(2, "\(event.kind) of \(event.conversationID) at \(event.time) is not from where it was"))
            }
        }
        return findings
    }

    /// No agent ever carries more chats than his limit: nobody forced anything this day.
    func loads() -> [DayFinding] {
        var (replay, findings) = (DayReplay(), [DayFinding]())
        for event in record.conversations {
            replay.take(event)
            guard let agent = replay[event.conversationID]?.assignee, let load = replay.loads[agent], load > DayTeam.chatLimit
            else { continue }
            findings.append(DayFinding(2, "\(agent) carries \(load) at \(event.time)"))
        }
        return findings
    }

    // MARK: - 11, 13

    /// What was asked twice with one request id has happened once, and what was acknowledged has happened.
    func effects() -> [DayFinding] {
        var sent: [String: Int] = [:]
        var (transfers, pauses, closes) = ([String: Int](), [String: Int](), [String: Int]())
        for event in record.conversations {
            if let message = event.newMessage, message.direction == .outbound, message.author?.kind != .system {
                sent[message.text, default: 0] += 1
            }
            guard event.actor?.kind == .agent || event.actor?.kind == .bot else { continue }
            switch event.kind {
            case .transferred: transfers[event.conversationID, default: 0] += 1
            case .pending: pauses[event.conversationID, default: 0] += 1
            case .closed: closes[event.conversationID, default: 0] += 1
            default: break
            }
        }
        let expected = Dictionary(record.ledger.sent.map { ($0, 1) }, uniquingKeysWith: +)
        return Self.compare(sent, expected, "sent") + Self.compare(transfers, record.ledger.transfers, "transferred")
            + Self.compare(pauses, record.ledger.pauses, "paused") + Self.compare(closes, record.ledger.closes, "closed")
            + record.ledger.unlikeAnswers.map { DayFinding(11, "another answer to the same request: \($0)") }
    }

    private static func compare(_ found: [String: Int], _ told: [String: Int], _ word: String) -> [DayFinding] {
        Set(found.keys).union(told.keys).sorted().filter { found[$0] != told[$0] }.map {
            DayFinding(11, "\($0) was \(word) \(found[$0] ?? 0) times, and \(told[$0] ?? 0) acknowledged")
        }
    }

    func provider() -> [DayFinding] {
        record.ledger.providerRefusals.map { DayFinding(13, "the provider refused a message with \($0)") }
    }
}
