import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

/// A paused conversation that has waited for its agent long enough (C13).
struct PausedRescue: Sendable, Hashable {
    static let kind = "pending.rescue"

    var conversation: ConversationID

    func job(_ tenantID: UUID, _ now: Instant) -> NewJob {
        NewJob(
            tenantID: tenantID, kind: Self.kind, cause: "\(conversation)/\(now.microseconds)",
            payload: Array(conversation.description.utf8))
    }
}

extension AgentWorker {
    /// Others may have it now; its agent is preferred, should he come back (C16).
    func rescue(_ job: Job) async throws -> JobOutcome {
        guard let id = ConversationID(String(decoding: job.payload, as: UTF8.self)) else {
            return .failed(reason: "not a conversation")
        }
        let now = surroundings.clock.now
        let known = try await surroundings.transaction(job.tenantID, readOnly: true) { store -> ServedConversation? in
            guard let conversation = try await store.conversation(id) else { return nil }
            let time = Rescue.time(of: conversation, by: try await store.rules(of: conversation.department))
            return time.map { $0 <= now } ?? false ? conversation : nil
        }
        guard let known else { return .done() }
        let answer = try await conversations.returnToQueue(
            known, .rescue, tenantID: job.tenantID, requestID: .derived(from: "\(job.jobID.text)/\(known.version)"))
        guard case .done(let wire) = answer else {
            // The customer wrote once more, or somebody was quicker: what is known of it will say which.
            return job.attempt < Self.attemptsMax ? .retry(after: .milliseconds(50)) : .done()
        }
        try await learn(wire, job.tenantID, lapsed: nil)
        return .done()
    }
}
