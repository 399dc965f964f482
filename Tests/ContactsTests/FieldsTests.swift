import ContactsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("Attribute definitions and field layouts")
struct FieldsTests {
    @Test("S44: an attribute that is defined takes only values that fit, and one that is not defined takes any")
    func S44_valuesFitTheirDefinitions() async throws {
        try await withContacts { contacts in
            for (key, type, options) in Self.definitions { try await contacts.define(key, type, options) }
            let fitting: [String: ContactsV1.AttributeValue.Kind] = [
                "nick": .text("Ana"), "bio": .text("two\nlines"), "seats": .number(3), "vip": .flag(true),
                "since": .time(.init(seconds: 1)), "plan": .text("gold"), "topics": .texts(.init(values: ["a", "b"])),
                "site": .text("https://example.com/x"), "free": .number(7),
            ]
            let created = try await contacts.create(
                .init(attributes: fitting.mapValues { .init(kind: $0) }))
            #expect(created.attributes.count == fitting.count)
            let misfits: [(String, ContactsV1.AttributeValue.Kind)] = [
                ("nick", .text("two\nlines")), ("nick", .number(1)), ("bio", .flag(true)), ("seats", .text("3")),
                ("vip", .text("true")), ("since", .text("1970-01-01")), ("plan", .text("silver")),
                ("plan", .texts(.init(values: ["gold"]))),
                ("topics", .texts(.init(values: ["a", "z"]))), ("topics", .texts(.init(values: ["a", "a"]))),
                ("site", .text("javascript:alert(1)")), ("site", .text("https://")), ("site", .text("https://a b")),
            ]
            for (key, kind) in misfits {
                let change = ContactsV1.Contact(contactID: created.contactID, attributes: [key: .init(kind: kind)])
                let error = await #expect(throws: ContactsError.self) {
                    _ = try await contacts.update(change, mask: ["attributes.\(key)"])
                }
                #expect(error?.failure.fields.map(\.field) == ["contact.attributes.\(key)"], "\(key) \(kind)")
                #expect(
                    await refusal { _ = try await contacts.create(.init(attributes: [key: .init(kind: kind)])) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"))
            }
            #expect(try await contacts.get(created.contactID) == created)
        }
    }

    @Test("S44: a value older than its definition stays, can go, and does not stand in the way of other changes")
    func S44_olderValuesStay() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(attributes: ["plan": .init(kind: .number(1))]))
            try await contacts.define("plan", .choice, ["gold"])
            let renamed = try await contacts.update(
                .init(contactID: created.contactID, displayName: "Ana"), mask: ["display_name"])
            #expect(renamed.attributes["plan"]?.kind == .number(1))
            let cleared = try await contacts.update(.init(contactID: created.contactID), mask: ["attributes.plan"])
            #expect(cleared.attributes.isEmpty)
        }
    }

    @Test("S44: an archived attribute is listed on demand, keeps its values, and takes no new one")
    func S44_archivedTakesNothingNew() async throws {
        try await withContacts { contacts in
            try await contacts.define("plan", .text)
            let created = try await contacts.create(.init(attributes: ["plan": .init(kind: .text("gold"))]))
            _ = try await contacts.fields.updateAttributeDefinition(
                .init(attributeDefinition: .init(key: "plan", archived: true), updateMask: .init(paths: ["archived"])),
                contacts.call(ContactFieldsServiceDescriptor.updateAttributeDefinition))
            #expect(try await contacts.definitions().isEmpty)
            #expect(try await contacts.definitions(archived: true).map(\.etag) == ["\"2\""])
            #expect(try await contacts.get(created.contactID).attributes["plan"]?.kind == .text("gold"))
            let change = ContactsV1.Contact(contactID: created.contactID, attributes: ["plan": .init(kind: .text("tin"))])
            #expect(
                await refusal { _ = try await contacts.update(change, mask: ["attributes.plan"]) }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
        }
    }

    @Test("A key is defined once, a hundred at most, and another tenant's are unknown; a stale etag changes nothing")
    func definitionsAreKeptApart() async throws {
        try await withContacts { contacts in
            try await contacts.define("plan", .choice, ["gold", "tin"])
            #expect(await refusal { try await contacts.define("plan", .text) } == Refusal(.alreadyExists, "ATTRIBUTE_EXISTS"))
            #expect(await refusal { try await contacts.define("Plan", .text) } == Refusal(.invalidArgument, "INVALID_FIELD"))
            #expect(await refusal { try await contacts.define("size", .choice) } == Refusal(.invalidArgument, "INVALID_FIELD"))
            #expect(
                await refusal { try await contacts.rename("plan", "Plan", etag: "\"7\"") } == Refusal(.aborted, "ETAG_MISMATCH"))
            #expect(await refusal { try await contacts.rename("none", "None") } == Refusal(.notFound, "ATTRIBUTE_NOT_FOUND"))
            try await contacts.rename("plan", "The plan", etag: "\"1\"")
            for index in 1..<Contacts.AttributeDefinition.perTenantMax { try await contacts.define("key_\(index)", .text) }
            #expect(await refusal { try await contacts.define("more", .text) } == Refusal(.resourceExhausted, "ATTRIBUTES_MAX"))
            let other = UUID.v7(at: .now)
            _ = try await contacts.create(.init(attributes: ["plan": .init(kind: .number(1))]), tenant: other)
        }
    }

    @Test("S44: what a layout shows for reading cannot be edited there, and what it requires must be filled")
    func S44_layoutsAreObeyed() async throws {
        try await withContacts { contacts in
            try await contacts.define("plan", .text)
            let department = UUID.v7(at: .now).text
            #expect(try await contacts.layout(department).groups.flatMap(\.fields).map(\.path).contains("attributes.plan"))
            let stored = try await contacts.lay(
                .init(
                    fieldLayoutID: department,
                    groups: [
                        .init(
                            title: "Person",
                            fields: [
                                .init(path: "display_name", editable: true, required: true), .init(path: "note", editable: true),
                                .init(path: "attributes.plan"), .init(path: "linked_objects"),
                            ])
                    ]))
            #expect(try await contacts.layout(department) == stored)
            let id = try await contacts.create(.init(displayName: "Ana")).contactID
            let edit: @Sendable (ContactsV1.Contact, String) async throws -> Void = { contact, path in
                var contact = contact
                contact.contactID = id
                _ = try await contacts.service.updateContact(
                    UpdateContactRequest(contact: contact, updateMask: .init(paths: [path]), fieldLayoutID: department),
                    contacts.call(ContactsServiceDescriptor.updateContact))
            }
            try await edit(.init(note: "met at the fair"), "note")
            let plan = ContactsV1.Contact(attributes: ["plan": .init(kind: .text("gold"))])
            #expect(
                await refusal { try await edit(plan, "attributes.plan") } == Refusal(.failedPrecondition, "FIELD_NOT_EDITABLE"))
            #expect(await refusal { try await edit(.init(), "display_name") } == Refusal(.invalidArgument, "INVALID_FIELD"))
            _ = try await contacts.update(.init(contactID: id, attributes: plan.attributes), mask: ["attributes.plan"])
        }
    }

    @Test("S44: a layout names fields that there are, each once, and is replaced by whoever read it last")
    func S44_layoutsAreChecked() async throws {
        try await withContacts { contacts in
            for path in ["nonsense", "attributes.unknown", "contact_id"] {
                #expect(
                    await refusal { _ = try await contacts.lay(.of([.init(path: path)])) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"), "\(path)")
            }
            #expect(
                await refusal { _ = try await contacts.lay(.of([.init(path: "note"), .init(path: "note")])) }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
            #expect(
                await refusal { _ = try await contacts.lay(.of([.init(path: "identities", editable: true)])) }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
            let first = try await contacts.lay(.of([.init(path: "note")]), etag: try await contacts.layout("default").etag)
            let second = try await contacts.lay(.of([.init(path: "locale")]), etag: first.etag)
            #expect(
                await refusal { _ = try await contacts.lay(.of([.init(path: "note")]), etag: first.etag) }
                    == Refusal(.aborted, "ETAG_MISMATCH"))
            #expect(try await contacts.layout(UUID.v7(at: .now).text) == second, "the default holds where there is no other")
        }
    }

    @Test("A sensitive attribute is shown to holders of contacts.read_sensitive only, and survives others' changes")
    func sensitiveIsHidden() async throws {
        try await withContacts { contacts in
            try await contacts.define("diagnosis", .text, sensitive: true)
            let value = ContactsV1.AttributeValue(kind: .text("asthma"))
            let id = try await contacts.create(.init(attributes: ["diagnosis": value])).contactID
            let asAgent = contacts.call(ContactsServiceDescriptor.getContact, role: "agent")
            #expect(try await contacts.service.getContact(.init(contactID: id), asAgent).contact?.attributes.isEmpty == true)
            let listing = contacts.call(ContactsServiceDescriptor.listContacts, role: "agent")
            #expect(try await contacts.service.listContacts(.init(), listing).contacts.allSatisfy(\.attributes.isEmpty))
            #expect(
                await refusal {
                    _ = try await contacts.service.listContacts(.init(filter: "attributes.diagnosis = asthma"), listing)
                } == Refusal(.permissionDenied, "PERMISSION_DENIED"))
            _ = try await contacts.service.updateContact(
                .init(contact: .init(contactID: id, attributes: ["plan": value]), updateMask: .init(paths: ["attributes"])),
                contacts.call(ContactsServiceDescriptor.updateContact, role: "agent"))
            #expect(try await contacts.get(id).attributes.keys.sorted() == ["diagnosis", "plan"])
        }
    }

    private static let definitions: [(String, ContactsV1.AttributeType, [String])] = [
        ("nick", .text, []), ("bio", .longText, []), ("seats", .number, []), ("vip", .flag, []), ("since", .time, []),
        ("plan", .choice, ["gold", "tin"]), ("topics", .choices, ["a", "b", "c"]), ("site", .url, []),
    ]
}

// MARK: - Calls in one line

extension ContactsFixture {
    func define(
        _ key: String, _ type: ContactsV1.AttributeType, _ options: [String] = [], sensitive: Bool = false, tenant: UUID? = nil
    ) async throws {
        _ = try await fields.createAttributeDefinition(
            .init(attributeDefinition: .init(key: key, type: type, displayName: key, options: options, sensitive: sensitive)),
            call(ContactFieldsServiceDescriptor.createAttributeDefinition, tenant: tenant))
    }

    func rename(_ key: String, _ name: String, etag: String = "") async throws {
        _ = try await fields.updateAttributeDefinition(
            .init(attributeDefinition: .init(key: key, displayName: name), etag: etag),
            call(ContactFieldsServiceDescriptor.updateAttributeDefinition))
    }

    func definitions(archived: Bool = false) async throws -> [ContactsV1.AttributeDefinition] {
        try await fields.listAttributeDefinitions(
            .init(showArchived: archived), call(ContactFieldsServiceDescriptor.listAttributeDefinitions)
        ).attributeDefinitions
    }

    func layout(_ place: String) async throws -> ContactsV1.FieldLayout {
        let answer = try await fields.getFieldLayout(
            .init(fieldLayoutID: place), call(ContactFieldsServiceDescriptor.getFieldLayout))
        return try #require(answer.fieldLayout)
    }

    func lay(_ layout: ContactsV1.FieldLayout, etag: String = "") async throws -> ContactsV1.FieldLayout {
        let answer = try await fields.updateFieldLayout(
            .init(fieldLayout: layout, etag: etag), call(ContactFieldsServiceDescriptor.updateFieldLayout))
        return try #require(answer.fieldLayout)
    }
}

extension ContactsV1.FieldLayout {
    static func of(_ fields: [ContactsV1.FieldPlacement]) -> Self {
        Self(fieldLayoutID: "default", groups: [.init(fields: fields)])
    }
}
