import ContactsV1
import GRPC
import Testing

@testable import Contacts

@Suite("Blocking contacts")
struct BlockTests {
    @Test("C53: an address or a whole contact is blocked with a reason and taken back, and the timeline says who did it")
    func C53_blockAndUnblock() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana"), [.email("a@example.com"), .webchat("v")])
            let address = ana.identities[0].identityID
            let one = try await contacts.block(ana.contactID, address, reason: "insults", spam: true)
            #expect(one.block == nil && one.identities.map { $0.block?.reason } == ["insults", nil])
            #expect(one.identities[0].block?.spam == true && one.identities[0].block?.blockedBy == contacts.agentID.text)
            let whole = try await contacts.block(ana.contactID, reason: "spam")
            #expect(whole.block?.reason == "spam" && whole.etag == "\"3\"")
            #expect(try await contacts.list("blocked = true").contacts == [whole])
            #expect(try await contacts.resolve(.webchat("v")).contact?.block?.reason == "spam")

            #expect(try await contacts.unblock(ana.contactID, address).identities.allSatisfy { $0.block == nil })
            _ = try await contacts.block(ana.contactID, address, reason: "again")
            let free = try await contacts.unblock(ana.contactID)
            #expect(free.block == nil && free.identities.allSatisfy { $0.block == nil })
            #expect(try await contacts.unblock(ana.contactID) == free, "there is nothing to take back")
            let lines = try await contacts.timeline(ana.contactID, kinds: [.blockChanged]).timelineEntries
            let told = lines.compactMap { line -> String? in
                guard case .contact(let activity) = line.subject else { return nil }
                return activity.action + (activity.relatedID.isEmpty ? "" : " address")
            }
            #expect(told.sorted() == ["blocked", "blocked address", "blocked address", "unblocked", "unblocked address"])
            #expect(lines.allSatisfy { $0.actor == contacts.agentID.text })
        }
    }

    @Test("C53: a block needs a reason, an address of the contact, and a contact that is there")
    func C53_wrongBlocksAreRefused() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana"), [.email("a@example.com")])
            let bia = try await contacts.create(.init(displayName: "Bia"), [.email("b@example.com")])
            #expect(
                await refusal { _ = try await contacts.block(ana.contactID, reason: "") }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
            #expect(
                await refusal { _ = try await contacts.block(ana.contactID, bia.identities[0].identityID, reason: "x") }
                    == Refusal(.notFound, "IDENTITY_NOT_FOUND"))
            _ = try await contacts.merge(bia.contactID, into: ana.contactID)
            #expect(
                await refusal { _ = try await contacts.block(bia.contactID, reason: "x") }
                    == Refusal(.failedPrecondition, "CONTACT_NOT_ACTIVE"))
        }
    }
}

extension ContactsFixture {
    func unblock(_ contact: String, _ identity: String = "") async throws -> ContactsV1.Contact {
        let answer = try await service.unblockContact(
            .init(contactID: contact, identityID: identity), call(Methods.unblockContact))
        return try #require(answer.contact)
    }
}
