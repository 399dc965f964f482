import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime

extension RoutingService {
    /// A dry run: the same snapshot, the same pass, and nobody is asked to do anything.
    func explainRoute(_ request: ExplainRouteRequest, _ context: ServerContext) async throws -> ExplainRouteResponse {
        var reading = RequestReading(request)
        let id: ConversationID = reading.id(request.conversationID, "conversation_id")
        try reading.finish()
        let tenantID = try context.tenantID
        for _ in 0..<Self.looksMax {
            let known = try await surroundings.read(context) { store in try await store.conversation(id) }
            guard let conversation = known else { break }
            guard conversation.state == .queued else {
                return ExplainRouteResponse(explanation: conversation.notQueued(at: surroundings.clock.now))
            }
            let snapshot = try await reader.snapshot(of: conversation.department, tenantID: tenantID, everybody: true)
            if let explanation = snapshot.explanation(of: id) { return ExplainRouteResponse(explanation: explanation) }
            // It left this queue between the two reads: the next look sees where it went.
        }
        throw RoutingError.conversationNotFound(id)
    }

    private static let looksMax = 3
}

extension Snapshot {
    /// What becomes of one conversation of the queue, if all before it go where they would.
    func decision(on id: ConversationID) -> (conversation: ServedConversation, choice: Choice, position: Int)? {
        var pass = pass
        var position = 0
        while let (conversation, choice) = pass.next() {
            position += 1
            if conversation.id == id { return (conversation, choice, position) }
            if let agent = choice.agent { pass.assigned(conversation, to: agent) }
        }
        return nil
    }

    func explanation(of id: ConversationID) -> RoutingV1.Explanation? {
        guard let (conversation, choice, position) = decision(on: id) else { return nil }
        return RoutingV1.Explanation(
            conversationID: id.description, conversationEtag: ETag(conversation.version).description,
            departmentID: conversation.department?.description ?? "", method: method(of: conversation).wire,
            outcome: choice.outcome.wire,
            agentID: choice.agent?.description ?? "", tieBreak: choice.tieBreak?.wire ?? .unspecified,
            position: Int32(position), seed: "\(SeededDraw.seed(conversation.id, version: conversation.version))",
            candidates: choice.candidates, decideTime: Timestamp(now), nextTime: choice.nextTime.map(Timestamp.init))
    }
}

extension ServedConversation {
    fileprivate func notQueued(at now: Instant) -> RoutingV1.Explanation {
        RoutingV1.Explanation(
            conversationID: id.description, conversationEtag: ETag(version).description,
            departmentID: department?.description ?? "", outcome: .notQueued, agentID: assignee?.description ?? "",
            decideTime: Timestamp(now))
    }
}

extension Choice {
    /// The chosen one first, then the eligible ones, then the others; by id.
    fileprivate var candidates: [RoutingV1.Candidate] {
        func rank(_ verdict: Verdict) -> (Int, AgentID) {
            (verdict.agent.id == agent ? 0 : verdict.isEligible ? 1 : 2, verdict.agent.id)
        }
        return verdicts.sorted { rank($0) < rank($1) }.map { verdict in
            RoutingV1.Candidate(
                agentID: verdict.agent.id.description, displayName: verdict.agent.name,
                exclusions: verdict.exclusions.map(\.wire), missingSkills: verdict.missingSkills,
                load: Int32(verdict.slot.load), loadMax: Int32(verdict.slot.loadMax),
                lastAssignedTime: verdict.agent.lastAssigned.map(Timestamp.init), presence: verdict.agent.presence.wire,
                chosen: verdict.agent.id == agent)
        }
    }
}

extension Choice.Outcome {
    fileprivate var wire: RoutingV1.RouteOutcome {
        switch self {
        case .offer: .offer
        case .open: .open
        case .manual: .manual
        case .waitForOwner: .waitForOwner
        case .nobody: .nobody
        }
    }
}

extension TieBreak {
    fileprivate var wire: RoutingV1.TieBreak {
        switch self {
        case .lastAssignee: .lastAssignee
        case .owner: .owner
        case .load: .load
        case .lastAssigned: .lastAssigned
        case .agentID: .agentID
        case .draw: .draw
        }
    }
}

extension Exclusion {
    fileprivate var wire: RoutingV1.Exclusion {
        switch self {
        case .deactivated: .deactivated
        case .notAllowed: .notAllowed
        case .notMember: .notMember
        case .offline: .offline
        case .reconnecting: .reconnecting
        case .away: .away
        case .outsideHours: .outsideHours
        case .skillMissing: .skillMissing
        case .atLimit: .atLimit
        case .offeredBefore: .offeredBefore
        case .restoring: .restoring
        case .notOwner: .notOwner
        }
    }
}
