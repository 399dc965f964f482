import EventLog
import FoundationEssentials
import ServiceDatabase
import ServiceRuntime

extension Work {
    /// Removes what people wrote and were called, ends what they have open, and asks for the report to contacts. What is left
    /// of a conversation are ids, states, numbers and times.
    func erase(_ contactIDs: [UUID], erasureID: String) async throws {
        try await store.erased.add(contactIDs)
        let held = try await store.lockedHoldings(of: contactIDs)
        for id in held.conversationIDs { try await forget(id) }
        var counts = try await store.purge(held)
        counts["people"] = try await store.forgetPeople(contactIDs)
        counts["stored_answers"] = try await store.emptyAnswers(about: contactIDs + held.allIDs, visitors: held.visitorIDs)
        let report = ErasureReportJob(erasureID: erasureID, counts: counts)
        try JobQueue(schema: Surroundings.schema, pool: surroundings.pool).enqueue(report, for: tenantID, in: transaction)
    }

    /// The conversation's own row. One that is not closed is: whoever writes again is a stranger.
    private func forget(_ id: UUID) async throws {
        guard let (found, account) = try await store.locked(id) else { return }
        var conversation = found
        (conversation.customerName, conversation.subject, conversation.transferReason) = ("", "", "")
        (conversation.firstLine, conversation.lastLine) = ("", "")
        // With the address goes the last word the row is found by.
        conversation.address = ""
        if conversation.state.isClosed {
            try await append(.updated, before: found, conversation, by: .system)
        } else {
            var step = Step(.close, .closed)
            step.isSilent = true
            try await carryOut(
                step, by: .admin, agent: nil, as: .system, on: &conversation, over: account)
        }
        try await save(&conversation, over: account)
    }
}
