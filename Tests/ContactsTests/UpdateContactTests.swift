import ContactsV1
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("CreateContact, GetContact, UpdateContact")
struct UpdateContactTests {
    @Test("What is created is what is read")
    func createdIsRead() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(
                .init(
                    contactID: "ignored", displayName: "Ana Lima", ownerID: contacts.agentID.text, locale: "pt-BR",
                    timeZone: "America/Sao_Paulo",
                    attributes: ["plan": .init(kind: .text("gold")), "seats": .init(kind: .number(3))], note: "two\nlines"),
                [.email("Ana@Example.com"), .phone("+55 11 98765-4321"), .email("Ana@example.com")])
            #expect(try await contacts.get(created.contactID) == created)
            #expect(created.etag == "\"1\"")
            #expect(created.state == .active)
            #expect(created.identities.map(\.address) == ["Ana@example.com", "+5511987654321"])
            #expect(created.attributes["seats"]?.kind == .number(3))
        }
    }

    @Test("16: an address that another contact has is refused, and names him; nothing is created")
    func G16_takenAddressIsRefused() async throws {
        try await withContacts { contacts in
            let holder = try await contacts.create(.init(displayName: "Ana"), [.phone("+55 11 98765-4321")])
            let error = await #expect(throws: ContactsError.self) {
                _ = try await contacts.create(.init(displayName: "Bia"), [.email("b@example.com"), .whatsapp("551187654321")])
            }
            #expect(error?.failure.metadata["contact_id"] == holder.contactID)
            #expect(error?.failure.code == .alreadyExists)
            #expect(try await contacts.list().contacts.count == 1)
            #expect(try await contacts.resolve(.email("b@example.com")).created)
        }
    }

    @Test("Fields in the mask are changed, and nothing else")
    func maskIsObeyed() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana", locale: "pt-BR", note: "n"))
            var values = created
            values.displayName = "Bia"
            values.note = "ignored"
            let updated = try await contacts.update(values, mask: ["display_name", "locale"], etag: created.etag)
            #expect(updated.displayName == "Bia" && updated.note == "n" && updated.locale == "pt-BR")
            #expect(updated.etag == "\"2\"")
            #expect(try await contacts.get(created.contactID) == updated)
        }
    }

    @Test("A stale etag is ABORTED and nothing changes; without one the change goes through")
    func staleEtagIsAborted() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana"))
            let rename: @Sendable (String, String) async throws -> ContactsV1.Contact = { name, etag in
                try await contacts.update(
                    .init(contactID: created.contactID, displayName: name), mask: ["display_name"], etag: etag)
            }
            _ = try await rename("Bia", created.etag)
            for stale in [created.etag, "\"99\"", "W/\"2\"", "2"] {
                #expect(await refusal { _ = try await rename("Cleo", stale) } == Refusal(.aborted, "ETAG_MISMATCH"), "\(stale)")
            }
            #expect(try await contacts.get(created.contactID).displayName == "Bia")
            #expect(try await rename("Dora", "").displayName == "Dora")
        }
    }

    @Test("Of many updates with one etag, one wins")
    func oneUpdateWins() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana"))
            let won = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<16 {
                    group.addTask {
                        let values = ContactsV1.Contact(contactID: created.contactID, displayName: "\(index)")
                        return (try? await contacts.update(values, mask: ["display_name"], etag: created.etag)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
            #expect(try await contacts.get(created.contactID).etag == "\"2\"")
        }
    }

    @Test("Unknown paths are refused, all at once")
    func unknownPathsAreRefused() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana"))
            let error = await #expect(throws: ContactsError.self) {
                _ = try await contacts.update(created, mask: ["display_name", "displayName", "identities.address"])
            }
            #expect(error == .unknownUpdatePaths(["displayName", "identities.address"]))
            #expect(try await contacts.get(created.contactID).etag == created.etag)
        }
    }

    @Test("An update that changes nothing leaves version, timeline and events alone")
    func idleUpdate() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana"))
            #expect(try await contacts.update(created, mask: ["display_name"]) == created)
            #expect(try await contacts.timeline(created.contactID).timelineEntries.count == 1)
        }
    }

    @Test("A hundred attributes are the limit, whoever brought them")
    func attributesAreBounded() async throws {
        try await withContacts { contacts in
            let many = Dictionary(
                uniqueKeysWithValues: (0..<100).map { ("a\($0)", ContactsV1.AttributeValue(kind: .flag(true))) })
            let created = try await contacts.create(.init(attributes: many))
            let more = ContactsV1.Contact(contactID: created.contactID, attributes: ["one_more": .init(kind: .flag(true))])
            #expect(
                await refusal { _ = try await contacts.update(more, mask: ["attributes.one_more"]) }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
        }
    }

    @Test("Another tenant's contact is as unknown as one that never existed")
    func otherTenantsAreNotFound() async throws {
        try await withContacts { contacts in
            let created = try await contacts.create(.init(displayName: "Ana"), [.webchat("v")])
            let (stranger, none) = (UUID.v7(at: .now), UUID.v7(at: .now).text)
            let identityID = created.identities[0].identityID
            let missing = Refusal(.notFound, "CONTACT_NOT_FOUND")
            let (service, methods) = (contacts.service, ContactsServiceDescriptor.self)
            for (id, tenant) in [(created.contactID, stranger), (none, contacts.tenantID)] {
                #expect(await refusal { _ = try await contacts.get(id, tenant: tenant) } == missing)
                #expect(
                    await refusal { _ = try await contacts.update(.init(contactID: id, note: "x"), tenant: tenant) } == missing)
                #expect(
                    await refusal {
                        _ = try await service.listIdentities(
                            .init(contactID: id), contacts.call(methods.listIdentities, tenant: tenant))
                    } == missing)
                #expect(
                    await refusal {
                        _ = try await service.addIdentity(
                            .init(contactID: id, identity: .webchat("w")), contacts.call(methods.addIdentity, tenant: tenant))
                    } == missing)
                #expect(
                    await refusal {
                        _ = try await service.removeIdentity(
                            .init(contactID: id, identityID: identityID), contacts.call(methods.removeIdentity, tenant: tenant))
                    } == missing)
                #expect(
                    await refusal {
                        _ = try await service.listTimeline(
                            .init(contactID: id), contacts.call(methods.listTimeline, tenant: tenant))
                    } == missing)
                let batch = try await service.batchGetContacts(
                    .init(contactIDs: [id]), contacts.call(methods.batchGetContacts, tenant: tenant))
                #expect(batch.contacts.isEmpty)
            }
            #expect(try await contacts.list(tenant: stranger).contacts.isEmpty)
            #expect(
                await refusal {
                    _ = try await service.lookupContact(
                        .init(kind: .webchat, scope: "account", address: "v"),
                        contacts.call(methods.lookupContact, tenant: stranger))
                } == Refusal(.notFound, "IDENTITY_NOT_FOUND"))
        }
    }

    @Test("Row-level security holds when a query forgets its tenant")
    func rowLevelSecurityHolds() async throws {
        try await withContacts { contacts in
            _ = try await contacts.create(.init(displayName: "Ana"), [.webchat("v")])
            for table: SQL in ["contact", "contact_identity", "match_key", "timeline_entry"] {
                let count = try await contacts.pool.query("select count(*) from contacts.\(fragment: table)")[0].decode(Int.self)
                #expect(count == 0)
            }
        }
    }

    @Test("A batch is answered in the order asked, once each, without the unknown")
    func batchKeepsOrder() async throws {
        try await withContacts { contacts in
            let (ana, bia) = (
                try await contacts.create(.init(displayName: "Ana")), try await contacts.create(.init(displayName: "Bia"))
            )
            let ids = [bia.contactID, UUID.v7(at: .now).text, ana.contactID, bia.contactID]
            let context = contacts.call(ContactsServiceDescriptor.batchGetContacts)
            #expect(try await contacts.service.batchGetContacts(.init(contactIDs: ids), context).contacts == [bia, ana])
            for bad in [[], Array(repeating: ana.contactID, count: 201), ["nonsense"]] {
                #expect(
                    await refusal { _ = try await contacts.service.batchGetContacts(.init(contactIDs: bad), context) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"))
            }
        }
    }
}
