import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import TemplatesV1

extension TemplatesService {
    func watch(
        _ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext
    ) async throws {
        context.endAtDrain()
        var reading = RequestReading()
        let kinds = reading.words(request.kinds, "kinds", unspecified: .unspecified) { wire in
            TemplateEvent.Kind.allCases.first { $0.wire == wire }
        }
        reading.require(!request.liveOnly || request.afterCursor.isEmpty, "live_only", "excludes after_cursor")
        try reading.finish()
        let principal = try context.principal
        // A service that works for no one tenant sees all of them. What was left by somebody's sight is told as removed.
        let asked = Set(kinds.map(\.rawValue)).union(
            kinds.contains(.snippetRemoved) ? [TemplateEvent.Kind.snippetUpdated.rawValue] : [])
        let filter = EventFilter(tenantID: principal.tenantID, kinds: asked)
        let start = request.liveOnly ? try await surroundings.eventLog.head() : try cursor(request.afterCursor)

        do {
            for try await batch in surroundings.eventLog.batches(after: start, filter) {
                let viewer = try await surroundings.known.viewer(principal)
                for response in try await joined(batch, for: viewer) {
                    if let kind = response.event?.kind, !request.kinds.isEmpty, !request.kinds.contains(kind) { continue }
                    try await responses.write(response)
                }
            }
        } catch EventLogError.outOfRange {
            throw TemplatesError.cursorOutOfRange
        }
    }

    private func cursor(_ text: String) throws(TemplatesError) -> Cursor? {
        if text.isEmpty { return nil }
        guard let cursor = Cursor(text) else { throw .cursorMalformed }
        return cursor
    }

    /// The batch's events with what they are about as it is now, then how far the log has been read.
    func joined(_ batch: EventBatch, for viewer: SnippetViewer) async throws -> [WatchResponse] {
        let rows = try await rows(of: batch)
        var responses = batch.events.compactMap { event -> WatchResponse? in
            let wire = TemplateEvent(event)?.wire(
                event, for: viewer, template: rows.templates[event.subjectID], snippet: rows.snippets[event.subjectID])
            return wire.map { WatchResponse(cursor: event.cursor.description, event: $0) }
        }
        let end = batch.cursor.description
        if batch.isLive || responses.last?.cursor != end {
            responses.append(WatchResponse(cursor: end, live: batch.isLive))
        }
        return responses
    }

    private func rows(of batch: EventBatch) async throws -> (templates: [UUID: Template], snippets: [UUID: Snippet]) {
        var (templates, snippets): ([UUID: Template], [UUID: Snippet]) = ([:], [:])
        for (tenantID, events) in Dictionary(grouping: batch.events, by: \.tenantID) {
            let ids = Array(Set(events.map(\.subjectID)))
            let found = try await surroundings.tenants.transaction(as: tenantID, readOnly: true) { transaction in
                (
                    try await TemplateStore(transaction: transaction, tenantID: tenantID).templates(ids.map(TemplateID.init)),
                    try await SnippetStore(transaction: transaction, tenantID: tenantID).snippets(ids.map(SnippetID.init))
                )
            }
            for template in found.0 { templates[template.id.uuid] = template }
            for snippet in found.1 { snippets[snippet.id.uuid] = snippet }
        }
        return (templates, snippets)
    }
}
