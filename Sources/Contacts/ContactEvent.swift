import EventLog
import FoundationEssentials
import WallTime

/// What other services are told about a contact: ids, paths and times, never values.
enum ContactEvent: Sendable, Hashable {
    case created
    case updated(paths: [String])
    case identitiesChanged
    /// Told of the contact that was merged; the survivor holds its identities now.
    case merged(into: ContactID, MergeID)
    /// Told of the contact that is itself again.
    case unmerged(from: ContactID, MergeID)
    case blockChanged
    /// Told of one contact, with all that were erased together.
    case erased(ErasureID, [ContactID])

    enum Kind: String, Sendable, Hashable, CaseIterable {
        case created = "contact.created"
        case updated = "contact.updated"
        case identitiesChanged = "contact.identities_changed"
        case merged = "contact.merged"
        case unmerged = "contact.unmerged"
        case blockChanged = "contact.block_changed"
        case erased = "contact.erased"
    }

    var kind: Kind {
        switch self {
        case .created: .created
        case .updated: .updated
        case .identitiesChanged: .identitiesChanged
        case .merged: .merged
        case .unmerged: .unmerged
        case .blockChanged: .blockChanged
        case .erased: .erased
        }
    }
}

/// The event as a row of the log. Lists are divided by spaces, which neither paths nor ids have: attribute keys are restricted
/// to letters, digits and `_`.
extension ContactEvent {
    private enum Attribute {
        static let paths = "paths"
        static let survivor = "survivor"
        static let merge = "merge"
        static let erasure = "erasure"
        static let contacts = "contacts"
    }

    func newEvent(tenantID: UUID, contactID: ContactID, time: Instant) -> NewEvent {
        NewEvent(tenantID: tenantID, kind: kind.rawValue, subjectID: contactID.uuid, time: time, attributes: attributes)
    }

    private var attributes: [String: String] {
        switch self {
        case .created, .identitiesChanged, .blockChanged: [:]
        case .updated(let paths): [Attribute.paths: paths.joined(separator: " ")]
        case .merged(let survivor, let merge), .unmerged(let survivor, let merge):
            [Attribute.survivor: survivor.description, Attribute.merge: merge.description]
        case .erased(let erasure, let contacts):
            [Attribute.erasure: erasure.description, Attribute.contacts: contacts.map(\.description).joined(separator: " ")]
        }
    }

    /// `nil` for an event that a newer release wrote.
    init?(_ event: Event) {
        func words(_ name: String) -> [String] { (event.attributes[name] ?? "").split(separator: " ").map(String.init) }
        func id<Subject>(_ name: String) -> Identifier<Subject>? { event.attributes[name].flatMap { Identifier<Subject>($0) } }
        switch Kind(rawValue: event.kind) {
        case .created: self = .created
        case .updated: self = .updated(paths: words(Attribute.paths))
        case .identitiesChanged: self = .identitiesChanged
        case .blockChanged: self = .blockChanged
        case .merged, .unmerged:
            guard let survivor: ContactID = id(Attribute.survivor), let merge: MergeID = id(Attribute.merge) else { return nil }
            self = event.kind == Kind.merged.rawValue ? .merged(into: survivor, merge) : .unmerged(from: survivor, merge)
        case .erased:
            guard let erasure: ErasureID = id(Attribute.erasure) else { return nil }
            self = .erased(erasure, words(Attribute.contacts).compactMap { ContactID($0) })
        case nil: return nil
        }
    }
}
