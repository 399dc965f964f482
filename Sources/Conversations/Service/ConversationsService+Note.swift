import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// AddNote: between colleagues, in any state, never an answer (C52).
extension ConversationsService {
    /// Agents who may read a conversation because notes mention them; the latest are kept.
    static let mentionsMax = 50

    func addNote(_ request: AddNoteRequest, _ context: ServerContext) async throws -> AddNoteResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let (agents, departments) = mentions(request, &violations)
            let id = violations.id(request.conversationID, "conversation_id")
            violations.text(request.text, "text", 1...10_000)
            try violations.check()
            guard agents.allSatisfy({ work.directory.agent($0) != nil }) else {
                throw ConversationsError.agentNotFound
            }
            guard departments.allSatisfy({ work.directory.department($0) != nil }) else {
                throw ConversationsError.departmentNotFound
            }
            _ = try work.caller.viewer
            var (conversation, account) = try await work.locked(id)
            let before = conversation
            let note = Message(
                id: .v7(at: work.now), conversationID: id, seq: conversation.lastSeq + 1, direction: .internal, kind: .note,
                author: work.caller.actor, text: request.text, created: work.now, mentionedAgentIDs: agents,
                mentionedDepartmentIDs: departments)
            work.store.insert(note)
            // A note takes its number and moves nothing else: neither lines nor unread nor clocks.
            conversation.lastSeq = note.seq
            let told = agents + departments.flatMap { work.directory.members(of: $0) }
            let mentioned = conversation.mentionedAgentIDs.filter { !told.contains($0) } + told
            conversation.mentionedAgentIDs = Array(mentioned.suffix(Self.mentionsMax))
            try await work.append(.messageAdded, before: before, conversation, by: note.author, message: note.id)
            try await work.notify(.mention, told, of: conversation, message: note.id)
            try await work.save(&conversation, over: account)
            return AddNoteResponse(message: work.wire.message(note, []))
        }
    }

    private func mentions(
        _ request: AddNoteRequest, _ violations: inout Violations
    ) -> (agents: [UUID], departments: [UUID]) {
        violations.require(request.mentionedAgentIDs.count <= 20, "mentioned_agent_ids", "has more than 20")
        violations.require(request.mentionedDepartmentIDs.count <= 20, "mentioned_department_ids", "has more than 20")
        return (
            request.mentionedAgentIDs.enumerated().map { violations.id($1, "mentioned_agent_ids[\($0)]") },
            request.mentionedDepartmentIDs.enumerated().map { violations.id($1, "mentioned_department_ids[\($0)]") }
        )
    }
}
