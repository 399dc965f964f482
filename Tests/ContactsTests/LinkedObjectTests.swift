import ContactsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("Linked objects")
struct LinkedObjectTests {
    @Test("S43: with objects.create objects are created from a conversation; without it there is no creating")
    func S43_creatingTakesThePermission() async throws {
        let access = try AccessTable([ContactsServiceDescriptor.service])
        for name in ["createLinkedObject", "updateLinkedObject", "deleteLinkedObject"] {
            let path = "/switchboard.contacts.v1.ContactsService/" + name.prefix(1).uppercased() + name.dropFirst()
            let rule = try #require(access.rules[path])
            let person = { (roles: [String], permissions: Set<Permission>?) in
                Principal(tenantID: UUID(), subject: UUID().text, kind: .agent, roles: roles, permissions: permissions)
            }
            #expect(["agent", "operator", "admin"].allSatisfy { rule.refusal(for: person([$0], nil)) == nil }, "\(path)")
            // Withdrawn from an agent, and a viewer who never had it (C22).
            let without = Role.agent.permissions.subtracting([.objectsCreate])
            #expect(rule.refusal(for: person(["agent"], without))?.reason == "PERMISSION_DENIED")
            #expect(rule.refusal(for: person(["viewer"], nil))?.reason == "PERMISSION_DENIED")
        }
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana")).contactID
            let conversation = UUID.v7(at: .now).text
            let deal = try await contacts.attach(
                .init(
                    kind: .deal, title: "300 seats", amount: .init(currency: "BRL", amount: "1999.90"),
                    conversationID: conversation),
                to: ana)
            #expect(deal.conversationID == conversation && deal.createdBy == contacts.agentID.text && deal.etag == "\"1\"")
            #expect(deal.amount?.amount == "1999.90")
        }
    }

    @Test("S44: what is attached is listed newest first, by kind, page by page, until it is detached; the timeline tells it")
    func S44_attachedObjectsAreListed() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana")).contactID
            let deal = try await contacts.attach(.init(kind: .deal, title: "Deal"), to: ana)
            let company = try await contacts.attach(.init(kind: .company, title: "Acme"), to: ana)
            let task = try await contacts.attach(.init(kind: .task, title: "Call", dueTime: .init(seconds: 100)), to: ana)
            #expect(try await contacts.objects(of: ana).linkedObjects == [task, company, deal])
            #expect(try await contacts.objects(of: ana, [.deal, .task]).linkedObjects == [task, deal])
            let first = try await contacts.objects(of: ana, size: 2)
            #expect(first.linkedObjects == [task, company])
            #expect(try await contacts.objects(of: ana, size: 2, token: first.nextPageToken).linkedObjects == [deal])

            let done = try await contacts.change(
                .init(linkedObjectID: task.linkedObjectID, stage: "done", completeTime: .init(seconds: 90)), etag: task.etag)
            #expect(done.stage == "done" && done.title == "Call" && done.etag == "\"2\"")
            #expect(
                await refusal {
                    _ = try await contacts.change(.init(linkedObjectID: task.linkedObjectID, title: "x"), etag: task.etag)
                } == Refusal(.aborted, "ETAG_MISMATCH"))
            try await contacts.detach(deal.linkedObjectID)
            #expect(
                await refusal { try await contacts.detach(deal.linkedObjectID) } == Refusal(.notFound, "LINKED_OBJECT_NOT_FOUND"))
            #expect(try await contacts.objects(of: ana).linkedObjects == [done, company])
            let actions = try await contacts.timeline(ana, kinds: [.linkedObjectChanged]).timelineEntries.compactMap { entry in
                if case .contact(let activity) = entry.subject { activity.action } else { nil }
            }
            #expect(actions.sorted() == ["attached", "attached", "attached", "changed", "detached"])
        }
    }

    @Test("An object is refused for all that is wrong with it, and for a contact of another tenant")
    func wrongObjectsAreRefused() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana")).contactID
            let wrong: [(ContactsV1.LinkedObject, String)] = [
                (.init(title: "x"), "kind"), (.init(kind: .deal), "title"), (.init(kind: .deal, title: "a\nb"), "title"),
                (.init(kind: .company, title: "x", amount: .init(currency: "BRL", amount: "1")), "amount"),
                (.init(kind: .deal, title: "x", amount: .init(currency: "real", amount: "1")), "amount.currency"),
                (.init(kind: .deal, title: "x", amount: .init(currency: "BRL", amount: "1,5")), "amount.amount"),
                (.init(kind: .deal, title: "x", dueTime: .init(seconds: 1)), "due_time"),
                (.init(kind: .deal, title: "x", externalSystem: "crm"), "external_id"),
                (.init(kind: .deal, title: "x", url: "http://example.com"), "url"),
                (.init(kind: .deal, title: "x", conversationID: "nonsense"), "conversation_id"),
            ]
            for (object, field) in wrong {
                let error = await #expect(throws: ContactsError.self) { _ = try await contacts.attach(object, to: ana) }
                #expect(error?.failure.fields.map(\.field) == ["linked_object.\(field)"])
            }
            let stranger = try await contacts.create(.init(displayName: "Bia"), tenant: UUID.v7(at: .now)).contactID
            #expect(
                await refusal { _ = try await contacts.attach(.init(kind: .deal, title: "x"), to: stranger) }
                    == Refusal(.notFound, "CONTACT_NOT_FOUND"))
        }
    }
}

extension ContactsFixture {
    func attach(_ object: ContactsV1.LinkedObject, to contact: String) async throws -> ContactsV1.LinkedObject {
        let answer = try await service.createLinkedObject(
            .init(contactID: contact, linkedObject: object), call(Methods.createLinkedObject))
        return try #require(answer.linkedObject)
    }

    func objects(
        of contact: String, _ kinds: [ContactsV1.LinkedObjectKind] = [], size: Int32 = 0, token: String = ""
    ) async throws -> ListLinkedObjectsResponse {
        try await service.listLinkedObjects(
            .init(contactID: contact, pageSize: size, pageToken: token, kinds: kinds), call(Methods.listLinkedObjects))
    }

    func change(_ object: ContactsV1.LinkedObject, etag: String = "") async throws -> ContactsV1.LinkedObject {
        let answer = try await service.updateLinkedObject(
            .init(linkedObject: object, etag: etag), call(Methods.updateLinkedObject))
        return try #require(answer.linkedObject)
    }

    func detach(_ id: String) async throws {
        _ = try await service.deleteLinkedObject(.init(linkedObjectID: id), call(Methods.deleteLinkedObject))
    }
}
