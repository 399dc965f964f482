import EventLog
import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import WallTime

extension Snippet {
    var wire: TemplatesV1.Snippet {
        TemplatesV1.Snippet(
            snippetID: id.description, etag: ETag(version).description, shortcut: content.shortcut, title: content.title,
            departmentIDs: content.departmentIDs.map(\.text), texts: content.texts.map(\.wire), useCount: useCount,
            lastUseTime: lastUseTime.map(Timestamp.init), createTime: Timestamp(createTime), updateTime: Timestamp(updateTime))
    }
}

extension SnippetContent.LocalText {
    var wire: TemplatesV1.SnippetText { TemplatesV1.SnippetText(locale: locale, text: text, variables: variables) }
}

extension TemplateEvent {
    /// The event of a row of the log, with what it is about as it is now; `nil`: the viewer does not learn of it.
    func wire(
        _ event: Event, for viewer: SnippetViewer, template: Template?, snippet: Snippet?
    ) -> TemplatesV1.TemplateEvent? {
        let sight = sight(of: viewer)
        guard sight != .hidden else { return nil }
        // The row may be newer than the event, and somebody else's by now.
        let visible = snippet.flatMap { viewer.sees($0.content.departmentIDs) && sight == .seen ? $0 : nil }
        return TemplatesV1.TemplateEvent(
            tenantID: event.tenantID.text, kind: (sight == .lost ? .snippetRemoved : kind).wire,
            templateID: kind.isOfSnippet ? "" : subjectID.text, snippetID: kind.isOfSnippet ? subjectID.text : "",
            eventTime: Timestamp(event.time), statusBefore: statusBefore?.wire ?? .unspecified,
            statusAfter: statusAfter?.wire ?? .unspecified, revision: revision, template: template?.wire, snippet: visible?.wire,
            eventID: event.eventID, traceparent: event.traceparent ?? "")
    }
}
