import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// BulkUpdateConversations: one thing done to many, each by itself (C58).
extension ConversationsService {
    static let bulkMax = 200

    func bulkUpdateConversations(
        _ request: BulkUpdateConversationsRequest, _ context: ServerContext
    ) async throws -> BulkUpdateConversationsResponse {
        try await surroundings.write(request.withoutInnerIDs, \.requestID, context) { work in
            var violations = Violations()
            let ids = request.conversationIDs.enumerated().map { violations.id($1, "conversation_ids[\($0)]") }
            violations.require(ids.count <= Self.bulkMax, "conversation_ids", "has more than 200")
            violations.require(Set(ids).count == ids.count, "conversation_ids", "names one twice")
            let action = BulkAction(request, &violations)
            try violations.check()
            guard let action else { throw Failure.invalid("action", "is required", reason: "REQUIRED") }
            _ = try work.caller.viewer
            var results: [UUID: BulkResult] = [:]
            // In the order of ids, so that two such calls never wait for each other crosswise.
            for id in ids.sorted(by: { $0.text < $1.text }) {
                let refusal = try await work.separately { try await work.carryOut(action, on: id) }
                results[id] = BulkResult(
                    conversationID: id.text, code: Int32(refusal?.code.rawValue ?? 0), reason: refusal?.reason ?? "")
            }
            return BulkUpdateConversationsResponse(results: ids.compactMap { results[$0] })
        }
    }
}

/// What is done to each.
private enum BulkAction: Sendable {
    case close(Ending)
    case transfer(Handover)
    case assign(UUID)
    case label(add: [String], remove: Set<String>)
    case markRead(upTo: Int32)

    init?(_ request: BulkUpdateConversationsRequest, _ violations: inout Violations) {
        switch request.action {
        case .close(let close):
            violations.ignoredIDs(close.conversationID, close.requestID, close.etag, under: "close.")
            let outcome = violations.text(close.outcome, "close.outcome", 0...60)
            self = .close(Ending(outcome: outcome, keepsTicket: close.keepTicket))
        case .transfer(let transfer):
            violations.ignoredIDs(transfer.conversationID, transfer.requestID, transfer.etag, under: "transfer.")
            self = .transfer(Handover(transfer, &violations, under: "transfer."))
        case .assign(let assign):
            violations.ignoredIDs(assign.conversationID, assign.requestID, assign.etag, under: "assign.")
            violations.require(!assign.open, "assign.open", "is the router's to say")
            self = .assign(violations.id(assign.agentID, "assign.agent_id"))
        case .label(let change):
            violations.labels(change.add, "label.add")
            violations.labels(change.remove, "label.remove")
            self = .label(add: change.add, remove: Set(change.remove))
        case .markRead(let read):
            violations.ignoredIDs(read.conversationID, read.requestID, under: "mark_read.")
            violations.require(read.upToSeq >= 0, "mark_read.up_to_seq", "is negative")
            self = .markRead(upTo: read.upToSeq)
        case nil: return nil
        }
    }
}

extension Violations {
    /// Ids that are ignored may be left out, but what stands there is one.
    fileprivate mutating func ignoredIDs(_ conversation: String, _ request: String, _ etag: String = "", under path: String) {
        _ = optionalID(conversation, "\(path)conversation_id")
        _ = optionalID(request, "\(path)request_id")
        text(etag, "\(path)etag", 0...64)
    }
}

extension BulkUpdateConversationsRequest {
    /// The ids inside the action are ignored: whatever they are, the request is the same.
    fileprivate var withoutInnerIDs: BulkUpdateConversationsRequest {
        var request = self
        let ignored = "ignored"
        switch action {
        case .close(var inner):
            (inner.conversationID, inner.requestID, inner.etag) = (ignored, ignored, "")
            request.action = .close(inner)
        case .transfer(var inner):
            (inner.conversationID, inner.requestID, inner.etag) = (ignored, ignored, "")
            request.action = .transfer(inner)
        case .assign(var inner):
            (inner.conversationID, inner.requestID, inner.etag) = (ignored, ignored, "")
            request.action = .assign(inner)
        case .markRead(var inner):
            (inner.conversationID, inner.requestID) = (ignored, ignored)
            request.action = .markRead(inner)
        case .label, nil: break
        }
        return request
    }
}

extension Work {
    /// Runs the body as a part of the transaction that fails by itself.
    /// - Returns: its refusal; `nil`: it is done.
    fileprivate func separately(_ body: () async throws -> Void) async throws -> RPCError? {
        try await transaction.query("savepoint one_of_many")
        do {
            try await body()
            try await transaction.query("release savepoint one_of_many")
            return nil
        } catch let refusal as any RPCErrorConvertible where refusal is ConversationsError || refusal is Failure {
            try await transaction.query("rollback to savepoint one_of_many")
            return refusal.rpcError
        }
    }

    fileprivate func carryOut(_ action: BulkAction, on id: UUID) async throws {
        var (conversation, account) = try await locked(id)
        let before = conversation.historyCount
        switch action {
        case .close(let ending): try await close(&conversation, ending, nil, over: account)
        case .transfer(let handover): try await transfer(&conversation, handover, nil, over: account)
        case .assign(let agent): try await assign(&conversation, to: agent, opening: false, nil, over: account)
        case .label(let add, let remove): try await label(&conversation, add: add, remove: remove)
        case .markRead(let seq): return try await markRead(&conversation, upTo: seq, over: account)
        }
        if conversation.historyCount != before { try await save(&conversation, over: account) }
    }

    private func label(_ conversation: inout Conversation, add: [String], remove: Set<String>) async throws {
        let before = conversation
        try directory.checkLabels(add, keeping: conversation.labels)
        let kept = conversation.labels.filter { !remove.contains($0) }
        conversation.labels = kept + add.filter { !kept.contains($0) }
        guard conversation.labels != before.labels else { return }
        guard conversation.labels.count <= Violations.labelsMax else {
            throw Failure.invalid("label.add", "would make more than 50 labels")
        }
        try await tellWords(before: before, &conversation)
    }
}
