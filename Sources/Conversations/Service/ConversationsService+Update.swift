import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// UpdateConversation: labels, priority, service type (C57, C49).
extension ConversationsService {
    func updateConversation(_ request: UpdateConversationRequest, _ context: ServerContext) async throws
        -> UpdateConversationResponse
    {
        try await surroundings.write(request, \.requestID, context) { work in
            let wanted = request.conversation ?? ConversationsV1.Conversation()
            var violations = Violations()
            let id = violations.id(wanted.conversationID, "conversation.conversation_id")
            violations.labels(wanted.labels, "conversation.labels")
            violations.text(wanted.serviceType, "conversation.service_type", 0...100)
            if case .unrecognized = wanted.priority { violations.add("conversation.priority", "is unknown") }
            try violations.check()
            let mask = try UpdateMask(
                request.updateMask, writable: ["labels", "priority", "service_type"], populated: Self.populated(wanted))
            let version = try ETag.expectedVersion(wanted.etag)
            var (conversation, account) = try await work.locked(id)
            _ = try work.caller.viewer
            if let version, version != conversation.version { throw Failure.etagMismatch }
            let before = conversation
            if mask.contains("labels") { conversation.labels = wanted.labels.distinct() }
            if mask.contains("priority") {
                conversation.priority = wanted.priority == .unspecified ? 2 : Int16(wanted.priority.rawValue)
            }
            if mask.contains("service_type") { conversation.serviceType = wanted.serviceType }
            conversation.updated = work.now
            try await work.append(.updated, before: before, conversation, by: work.caller.actor)
            try await work.save(&conversation, over: account)
            return UpdateConversationResponse(conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }

    private static func populated(_ wanted: ConversationsV1.Conversation) -> Set<String> {
        var paths: Set<String> = []
        if !wanted.labels.isEmpty { paths.insert("labels") }
        if wanted.priority != .unspecified { paths.insert("priority") }
        if !wanted.serviceType.isEmpty { paths.insert("service_type") }
        return paths
    }
}

extension Violations {
    static let labelsMax = 50

    /// Labels of a conversation, or of a filter for them.
    @discardableResult
    mutating func labels(_ labels: [String], _ field: String) -> [String] {
        count(labels, field, max: Self.labelsMax)
        for (index, label) in labels.prefix(Self.labelsMax).enumerated() { text(label, "\(field)[\(index)]", 1...60) }
        return labels
    }
}
