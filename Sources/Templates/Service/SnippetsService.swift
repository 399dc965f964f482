import FoundationEssentials
import GRPC
import ServiceRuntime
import TemplatesV1

/// The RPCs of snippets (S34).
struct SnippetsService: SnippetsServiceProtocol {
    let surroundings: Surroundings
}

// MARK: - Reading

extension SnippetsService {
    func getSnippet(_ request: GetSnippetRequest, _ context: ServerContext) async throws -> GetSnippetResponse {
        var reading = RequestReading()
        let id: SnippetID = reading.id(request.snippetID, "snippet_id")
        try reading.finish()
        return GetSnippetResponse(snippet: try await visible(id, context).wire)
    }

    func listSnippets(_ request: ListSnippetsRequest, _ context: ServerContext) async throws -> ListSnippetsResponse {
        var reading = RequestReading()
        let departmentID = reading.optionalUUID(request.departmentID, "department_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListSnippets", try context.tenantID.text, request.departmentID]
        let shortcut = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)?.first
        let viewer = try await surroundings.known.viewer(context.principal)

        let found = try await surroundings.reading(context) { transaction, tenantID in
            try await SnippetStore(transaction: transaction, tenantID: tenantID)
                .snippets(for: viewer, of: departmentID, after: shortcut, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListSnippetsResponse(snippets: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = surroundings.pageTokens.token(after: [last.content.shortcut], arguments: arguments)
        }
        return response
    }

    func searchSnippets(_ request: SearchSnippetsRequest, _ context: ServerContext) async throws -> SearchSnippetsResponse {
        var reading = RequestReading()
        reading.text(request.query, "query", 0...SnippetRanking.queryLengthMax)
        let locales = reading.locales(request.locales, "locales")
        try reading.finish()
        let limit = try pageSize(request.pageSize, default: 10, max: 50)
        let ranking = SnippetRanking(query: request.query)
        let viewer = try await surroundings.known.viewer(context.principal)

        let (ranked, snippets) = try await surroundings.reading(context) { transaction, tenantID in
            let store = SnippetStore(transaction: transaction, tenantID: tenantID)
            let ranked = ranking.ranked(try await store.candidates(ranking, for: viewer), limit: limit)
            return (ranked, try await store.snippets(ranked.map(\.candidate.id)))
        }
        let byID = Dictionary(uniqueKeysWithValues: snippets.map { ($0.id, $0) })
        return SearchSnippetsResponse(
            matches: ranked.compactMap { candidate, rule in
                byID[candidate.id].map {
                    SnippetMatch(snippet: $0.wire, rule: rule.wire, text: $0.content.text(for: locales)?.wire)
                }
            })
    }

    func renderSnippet(_ request: RenderSnippetRequest, _ context: ServerContext) async throws -> RenderSnippetResponse {
        var reading = RequestReading()
        let id: SnippetID = reading.id(request.snippetID, "snippet_id")
        let locales = reading.locales(request.locales, "locales")
        for (name, value) in request.variables.sorted(by: { $0.key < $1.key }) {
            reading.require(SnippetVariable.isKnown(name), "variables[\(name)]", "is no variable of snippets")
            reading.text(value, "variables[\(name)]", 0...SnippetVariable.valueLengthMax)
        }
        try reading.finish()

        let snippet = try await visible(id, context)
        guard let text = snippet.content.text(for: locales) else { throw TemplatesError.snippetNotFound(id) }
        do {
            return RenderSnippetResponse(text: try text.rendered(request.variables), locale: text.locale)
        } catch {
            throw TemplatesError.variableMissing(error.names)
        }
    }

    /// The snippet, if the caller sees it.
    private func visible(_ id: SnippetID, _ context: ServerContext) async throws -> Snippet {
        let viewer = try await surroundings.known.viewer(context.principal)
        let snippet = try await surroundings.reading(context) { transaction, tenantID in
            try await SnippetStore(transaction: transaction, tenantID: tenantID).snippet(id)
        }
        guard let snippet else { throw TemplatesError.snippetNotFound(id) }
        guard viewer.sees(snippet.content.departmentIDs) else { throw TemplatesError.outOfScope(id) }
        return snippet
    }
}
