import FoundationEssentials
import WallTime

/// What reports count (C63).
enum ReportMeasure: String, CaseIterable, Sendable {
    case volume
    case queueWait = "queue_wait"
    case firstResponse = "first_response"
    case response, handle, resolution
}

/// One thing that a report counts, taken when a conversation passes from one change to the next.
struct ReportSample: Hashable, Sendable {
    var measure: ReportMeasure
    var departmentID: UUID?
    var agentID: UUID?
    /// `nil`: only the number counts.
    var duration: Duration?
}

/// What samples are taken from: a conversation as its row last was.
struct ReportBasis: Hashable, Sendable {
    var state: ConversationState
    var departmentID: UUID?
    var assigneeID: UUID?
    var arrival: Instant
    /// Since when the customer waits for an answer; `nil`: he does not.
    var waitingSince: Instant?
    var handleStart: Instant?

    init(_ conversation: Conversation) {
        state = conversation.state
        departmentID = conversation.departmentID
        assigneeID = conversation.assigneeID
        arrival = conversation.arrival
        waitingSince = conversation.waitingOn == .agent ? conversation.waitingSince : nil
        handleStart = conversation.handleStart
    }

    /// Its place in a queue; `nil`: it has none.
    var place: QueuePlace? {
        [.queued, .offered].contains(state) ? QueuePlace(departmentID: departmentID, arrival: arrival) : nil
    }
}

/// Where a conversation waits.
struct QueuePlace: Hashable, Sendable {
    var departmentID: UUID?
    var arrival: Instant
}

extension Conversation {
    /// Counts what has happened since the row was read.
    /// - Parameter agentID: the agent who did it, where an agent did.
    mutating func takeSamples(at now: Instant, by agentID: UUID?) -> [ReportSample] {
        guard let before = storedReport else {
            handleStart = state == .open ? now : nil
            return [ReportSample(measure: .volume, departmentID: departmentID, agentID: assigneeID)]
        }
        var samples: [ReportSample] = []
        func take(_ measure: ReportMeasure, _ department: UUID?, _ agent: UUID?, since start: Instant) {
            samples.append(
                ReportSample(
                    measure: measure, departmentID: department, agentID: agent, duration: max(.zero, start.duration(to: now))))
        }
        if before.place != nil, state == .open { take(.queueWait, departmentID, assigneeID, since: before.arrival) }
        if let since = before.waitingSince, waitingOn == .customer {
            take(.response, departmentID, agentID, since: since)
            if answerCount == 0 { take(.firstResponse, departmentID, agentID, since: since) }
            answerCount += 1
        }
        if state != .open || before.state != .open || assigneeID != before.assigneeID {
            if let start = before.handleStart { take(.handle, before.departmentID, before.assigneeID, since: start) }
            handleStart = state == .open ? now : nil
        }
        if state.isClosed, !before.state.isClosed { take(.resolution, departmentID, assigneeID, since: created) }
        return samples
    }
}

extension Work {
    /// Stores what reports count of a change, and where the conversation waits from now on.
    func count(_ conversation: inout Conversation) {
        let place = conversation.storedReport?.place
        for sample in conversation.takeSamples(at: now, by: try? caller.viewer.agentID) {
            store.insert(sample, of: conversation, at: now)
        }
        let basis = ReportBasis(conversation)
        conversation.storedReport = basis
        guard basis.place != place else { return }
        if place != nil { store.leaveQueue(conversation.id, at: now) }
        if let place = basis.place { store.enterQueue(conversation, place, at: now) }
    }
}
