import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime

// HandOff: a bot gives the conversation to people (C44).
extension ConversationsService {
    func handOff(_ request: HandOffRequest, _ context: ServerContext) async throws -> HandOffResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            _ = violations.id(request.conversationID, "conversation_id")
            let wanted = violations.optionalID(request.departmentID, "department_id")
            let method = violations.routeMethod(request.method, "method")
            violations.labels(request.labels, "labels")
            if case .unrecognized = request.priority { violations.add("priority", "is unknown") }
            try violations.check()
            if let wanted, work.directory.departments[wanted] == nil || work.directory.successor(of: wanted) == nil {
                throw ConversationsError.departmentNotFound
            }
            var department: UUID?
            let answer = try await step(request, request.conversationID, etag: request.etag, in: work) {
                conversation, account, version in
                try await work.mark(&conversation, request)
                // The bot's directive goes before everything else (C40): what it says now, then what its account says.
                let directed = wanted ?? work.directory.successor(of: account.botDepartmentID)
                department = work.directory.department(
                    continued: directed ?? conversation.departmentID, account: account.departmentID)
                if conversation.state == .automated, let department, work.directory.keepsWithBot(department, at: work.now) {
                    return
                }
                conversation.routeMethod = method ?? account.botMethod
                let step = Step(.handOff, .queued, department: department, expectedVersion: version)
                try await work.carryOut(
                    step, by: .bot, agent: nil, as: work.caller.actor, on: &conversation, over: account)
            }
            return HandOffResponse(
                conversation: answer, available: work.directory.isAttended(department, at: work.now),
                openTime: work.directory.nextOpening(of: department, after: work.now).map { Timestamp($0) })
        }
    }
}

extension Work {
    /// What a bot says of a conversation as long as it serves it (C57).
    fileprivate func mark(_ conversation: inout Conversation, _ request: HandOffRequest) async throws {
        guard conversation.state == .automated else { return }
        let before = conversation
        try directory.checkLabels(request.labels, keeping: before.labels)
        let new = request.labels.filter { !before.labels.contains($0) }
        conversation.labels = Array((before.labels + new).prefix(Violations.labelsMax))
        conversation.priority = Conversation.priority(request.priority) ?? before.priority
        guard conversation.labels != before.labels || conversation.priority != before.priority else { return }
        try await tellWords(before: before, &conversation)
    }
}
