import ServiceRuntime
import WallTime

extension Changes {
    /// The snippet, locked, if it is of the expected version (`nil`: of any).
    func lockedSnippet(_ id: SnippetID, version: Int64?) async throws -> Snippet {
        // Shortcuts first: whoever gives them out takes the locks in this order.
        try await snippets.lockShortcuts()
        guard let snippet = try await snippets.lockedSnippet(id) else { throw TemplatesError.snippetNotFound(id) }
        guard version == nil || version == snippet.version else { throw TemplatesError.etagMismatch }
        return snippet
    }

    func create(_ content: SnippetContent) async throws -> Snippet {
        try await snippets.lockShortcuts()
        guard try await snippets.count() < SnippetContent.perTenantMax else { throw TemplatesError.snippetsMax }
        if let holder = try await snippets.snippetID(with: content.shortcut) { throw TemplatesError.shortcutTaken(by: holder) }
        let snippet = Snippet(id: SnippetID(.v7(at: now)), content: content, createTime: now, updateTime: now)
        try await snippets.insert(snippet)
        try await tell([event(.snippetCreated, snippet, before: nil, after: snippet)])
        return snippet
    }

    func update(_ snippet: Snippet, to content: SnippetContent) async throws -> Snippet {
        guard content != snippet.content else { return snippet }
        if content.shortcut != snippet.content.shortcut, let holder = try await snippets.snippetID(with: content.shortcut) {
            throw TemplatesError.shortcutTaken(by: holder)
        }
        var updated = snippet
        updated.content = content
        updated.updateTime = now
        updated.version += 1
        try await snippets.update(updated)
        try await tell([event(.snippetUpdated, snippet, before: snippet, after: updated)])
        return updated
    }

    func delete(_ snippet: Snippet) async throws {
        try await snippets.delete(snippet.id)
        try await tell([event(.snippetRemoved, snippet, before: snippet, after: nil)])
    }

    /// Counts a use by somebody who sees the snippet; `nil`: it is gone by now.
    func use(_ snippet: Snippet, by viewer: SnippetViewer) async throws -> Int32? {
        guard viewer.sees(snippet.content.departmentIDs) else { throw TemplatesError.outOfScope(snippet.id) }
        return try await snippets.use(snippet.id, at: now)
    }

    private func event(_ kind: TemplateEvent.Kind, _ snippet: Snippet, before: Snippet?, after: Snippet?) -> TemplateEvent {
        TemplateEvent(
            kind: kind, subjectID: snippet.id.uuid, departmentsBefore: before?.content.departmentIDs,
            departmentsAfter: after?.content.departmentIDs)
    }
}
