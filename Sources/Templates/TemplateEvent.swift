import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What others are told about templates and snippets: ids, states, numbers and times, never names or texts.
struct TemplateEvent: Sendable, Hashable {
    /// The raw values stand in the log.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case created = "template.created"
        case edited = "template.edited"
        case submitted = "template.submitted"
        case deletionRequested = "template.deletion_requested"
        case statusChanged = "template.status_changed"
        case categoryChanged = "template.category_changed"
        case qualityChanged = "template.quality_changed"
        case snippetCreated = "snippet.created"
        case snippetUpdated = "snippet.updated"
        case snippetRemoved = "snippet.removed"

        var isOfSnippet: Bool { [.snippetCreated, .snippetUpdated, .snippetRemoved].contains(self) }
    }

    var kind: Kind
    var subjectID: UUID
    /// Of a template.
    var statusBefore: TemplateStatus?
    var statusAfter: TemplateStatus?
    var revision: Int32 = 0
    /// Who sees a snippet before and after, as its departments; `nil`: it was not there.
    var departmentsBefore: [UUID]?
    var departmentsAfter: [UUID]?
}

extension TemplateEvent {
    private enum Attribute {
        static let (statusBefore, statusAfter, revision) = ("status_before", "status_after", "revision")
        static let (departmentsBefore, departmentsAfter) = ("departments_before", "departments_after")
    }

    func newEvent(tenantID: UUID, time: Instant) -> NewEvent {
        var attributes: [String: String] = [:]
        attributes[Attribute.statusBefore] = statusBefore?.rawValue
        attributes[Attribute.statusAfter] = statusAfter?.rawValue
        if revision > 0 { attributes[Attribute.revision] = "\(revision)" }
        attributes[Attribute.departmentsBefore] = departmentsBefore.map(Self.text)
        attributes[Attribute.departmentsAfter] = departmentsAfter.map(Self.text)
        return NewEvent(tenantID: tenantID, kind: kind.rawValue, subjectID: subjectID, time: time, attributes: attributes)
    }

    /// `nil` for an event that a newer release wrote.
    init?(_ event: Event) {
        guard let kind = Kind(rawValue: event.kind) else { return nil }
        self.init(
            kind: kind, subjectID: event.subjectID,
            statusBefore: event.attributes[Attribute.statusBefore].flatMap(TemplateStatus.init(rawValue:)),
            statusAfter: event.attributes[Attribute.statusAfter].flatMap(TemplateStatus.init(rawValue:)),
            revision: event.attributes[Attribute.revision].flatMap { Int32($0) } ?? 0,
            departmentsBefore: event.attributes[Attribute.departmentsBefore].map(Self.ids),
            departmentsAfter: event.attributes[Attribute.departmentsAfter].map(Self.ids))
    }

    private static func text(_ ids: [UUID]) -> String { ids.map(\.text).joined(separator: " ") }
    private static func ids(_ text: String) -> [UUID] { text.split(separator: " ").compactMap { UUID(id: String($0)) } }
}

/// What one viewer is told of a snippet's event.
extension TemplateEvent {
    enum Sight: Sendable, Hashable {
        case hidden
        case seen
        /// It left his sight: he learns that, and its id, no more.
        case lost
    }

    func sight(of viewer: SnippetViewer) -> Sight {
        guard kind.isOfSnippet else { return .seen }
        if departmentsAfter.map(viewer.sees) ?? false { return .seen }
        return departmentsBefore.map(viewer.sees) ?? false ? .lost : .hidden
    }
}
