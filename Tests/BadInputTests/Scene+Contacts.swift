import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

/// What contacts keeps beside contacts.
extension Scene {
    private var fields: ContactFieldsServiceClient { ContactFieldsServiceClient(place.sides[0].channel) }
    private var privacy: ContactPrivacyServiceClient { ContactPrivacyServiceClient(place.sides[0].channel) }

    mutating func makeContactsThing(_ kind: Kind) async throws {
        let own = try await options("admin", to: "contacts")
        switch kind {
        case .attribute:
            let key = "key_" + UUID().text.replacing("-", with: "_")
            let definition = AttributeDefinition(key: key, type: .text, displayName: "Plan")
            let created = try await fields.createAttributeDefinition(.init(attributeDefinition: definition), own)
            (names["attribute"], names["tag"]) = (key, created.attributeDefinition?.etag)
        case .layout:
            let layout = FieldLayout(fieldLayoutID: UUID().text, groups: [FieldGroup(fields: [FieldPlacement(path: "note")])])
            let stored = try await fields.updateFieldLayout(.init(fieldLayout: layout), own)
            (names["layout"], names["tag"]) = (layout.fieldLayoutID, stored.fieldLayout?.etag)
        default:
            try await makeContact([(.customer, UUID().text)])
            try await makeThing(kind, of: try #require(names["contact"]), own)
        }
    }

    private mutating func makeThing(_ kind: Kind, of contact: String, _ own: CallOptions) async throws {
        switch kind {
        case .twoContacts, .merge:
            let tag = names["contactTag"]
            for _ in 0..<2 {
                try await makeContact([(.customer, UUID().text)])
                names["otherContact"] = names["contact"]
                (names["contact"], names["contactTag"]) = (contact, tag)
                guard kind == .merge else { return }
                let request = MergeContactsRequest(survivingContactID: contact, mergedContactID: names["otherContact"] ?? "")
                let merge = try await contacts.mergeContacts(request, own).merge
                (names["merge"], names["tag"]) = (merge?.mergeID, merge?.etag)
            }
        case .linkedObject:
            for _ in 0..<2 {
                let object = LinkedObject(kind: .deal, title: "300 seats")
                let attached = try await contacts.createLinkedObject(.init(contactID: contact, linkedObject: object), own)
                (names["object"], names["tag"]) = (attached.linkedObject?.linkedObjectID, attached.linkedObject?.etag)
            }
        case .consents:
            for state in [ConsentState.granted, .withdrawn] {
                let consent = Consent(purpose: "marketing", state: state, source: .agent)
                _ = try await privacy.recordConsent(.init(contactID: contact, consent: consent), own)
            }
        case .erasure:
            names["erasure"] = try await privacy.eraseContact(.init(contactID: contact), own).erasure?.erasureID
        default: break
        }
    }

    /// - Returns: whether there was one of these things, whose version has moved on.
    func bumpContactsThing() async throws -> Bool {
        let own = try await options("admin", to: "contacts")
        if let key = names["attribute"] {
            let definition = AttributeDefinition(key: key, description: UUID().text)
            _ = try await fields.updateAttributeDefinition(.init(attributeDefinition: definition), own)
        } else if let place = names["layout"] {
            _ = try await fields.updateFieldLayout(
                .init(fieldLayout: FieldLayout(fieldLayoutID: place, groups: [FieldGroup(title: "x")])), own)
        } else if let merge = names["merge"] {
            _ = try await contacts.unmergeContacts(.init(mergeID: merge), own)
        } else if let object = names["object"] {
            _ = try await contacts.updateLinkedObject(
                .init(linkedObject: LinkedObject(linkedObjectID: object, stage: UUID().text)), own)
        } else {
            return false
        }
        return true
    }
}
