import EventLog
import FoundationEssentials
import WallTime

/// What other services are told about a contact: ids, paths and times, never values.
enum ContactEvent: Sendable, Hashable {
    case created
    case updated(paths: [String])
    case identitiesChanged

    enum Kind: String, Sendable, Hashable, CaseIterable {
        case created = "contact.created"
        case updated = "contact.updated"
        case identitiesChanged = "contact.identities_changed"
    }

    var kind: Kind {
        switch self {
        case .created: .created
        case .updated: .updated
        case .identitiesChanged: .identitiesChanged
        }
    }
}

/// The event as a row of the log. Paths have no spaces: attribute keys are restricted to letters, digits and `_`.
extension ContactEvent {
    private static let pathsAttribute = "paths"

    func newEvent(tenantID: UUID, contactID: ContactID, time: Instant) -> NewEvent {
        var attributes: [String: String] = [:]
        if case .updated(let paths) = self { attributes[Self.pathsAttribute] = paths.joined(separator: " ") }
        return NewEvent(
            tenantID: tenantID, kind: kind.rawValue, subjectID: contactID.uuid, time: time, attributes: attributes)
    }

    /// `nil` for an event that a newer release wrote.
    init?(_ event: Event) {
        switch Kind(rawValue: event.kind) {
        case .created: self = .created
        case .updated:
            let paths = event.attributes[Self.pathsAttribute] ?? ""
            self = .updated(paths: paths.split(separator: " ").map(String.init))
        case .identitiesChanged: self = .identitiesChanged
        case nil: return nil
        }
    }
}
