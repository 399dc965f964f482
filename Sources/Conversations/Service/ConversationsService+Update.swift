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
            if mask.contains("labels") {
                try work.directory.checkLabels(wanted.labels, keeping: before.labels)
                conversation.labels = wanted.labels.distinct()
            }
            if mask.contains("priority") {
                conversation.priority = Conversation.priority(wanted.priority) ?? Conversation.normalPriority
            }
            if mask.contains("service_type") { conversation.serviceType = wanted.serviceType }
            try await work.tellWords(before: before, &conversation)
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

extension Work {
    /// Labels, priority and service type are lines of the history, too (C60).
    func tellWords(before: Conversation, _ conversation: inout Conversation) async throws {
        let changed = [
            before.labels != conversation.labels ? "labels" : nil, before.priority != conversation.priority ? "priority" : nil,
            before.serviceType != conversation.serviceType ? "service_type" : nil,
        ].compactMap { $0 }
        conversation.updated = now
        if changed.isEmpty {
            try await append(.updated, before: before, conversation, by: caller.actor)
        } else {
            let note = changed.joined(separator: ", ")
            try await tell(.updated, before: before, &conversation, by: caller.actor, note: note)
        }
    }
}

extension Conversation {
    static let normalPriority: Int16 = 2

    /// - Returns: `nil` for one that is unspecified or unknown.
    static func priority(_ wire: ConversationsV1.Priority) -> Int16? {
        switch wire {
        case .low, .normal, .high, .urgent: Int16(wire.rawValue)
        case .unspecified, .unrecognized: nil
        }
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
