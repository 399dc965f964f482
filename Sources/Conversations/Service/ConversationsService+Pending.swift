import ConversationsV1
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

// SetPending and Resume: a service pauses and goes on (S5).
extension ConversationsService {
    func setPending(_ request: SetPendingRequest, _ context: ServerContext) async throws -> SetPendingResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var windowEnd: Instant?
            let answer = try await step(request, request.conversationID, etag: request.etag, in: work) {
                conversation, account, version in
                try await checkPendingLimit(conversation, work)
                try await work.agent(
                    takes: Step(.setPending, .pending, expectedVersion: version), on: &conversation, over: account)
                conversation.remind = request.remindTime.map { Instant($0) }
                windowEnd = conversation.window.expireTime(length: account.rules.window(bot: false))
            }
            let late = request.remindTime.map { Instant($0) }.flatMap { remind in windowEnd.map { $0 <= remind } } ?? false
            return SetPendingResponse(conversation: answer, remindsAfterWindow: late)
        }
    }

    func resume(_ request: ResumeRequest, _ context: ServerContext) async throws -> ResumeResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            ResumeResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let step = Step(.resume, .resumed, force: request.force, expectedVersion: version)
                    try await work.agent(takes: step, on: &conversation, over: account)
                })
        }
    }

    /// C10: `pending_limit` stops hoarding.
    private func checkPendingLimit(_ conversation: Conversation, _ work: Work) async throws {
        guard conversation.state == .open, let assignee = conversation.assigneeID,
            let limit = work.directory.department(conversation.departmentID)?.pendingLimit
        else { return }
        // Whoever counts holds the agent's slot, so that two cannot both see the last free place.
        try await work.store.lockSlot(assignee)
        if try await work.store.pendingCount(of: assignee, in: conversation.departmentID) >= limit {
            throw ConversationsError.pendingLimit(limit)
        }
    }
}
