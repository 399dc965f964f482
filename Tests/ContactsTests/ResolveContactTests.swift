import ContactsV1
import GRPC
import Testing

@testable import Contacts

@Suite("ResolveContact")
struct ResolveContactTests {
    @Test("16: however many callers ask at once for one address, there is one contact")
    func G16_concurrentCallersGetOneContact() async throws {
        try await withContacts { contacts in
            for round in 0..<5 {
                let answers = try await withThrowingTaskGroup(of: ResolveContactResponse.self) { group in
                    for _ in 0..<16 { group.addTask { try await contacts.resolve(.webchat("visitor-\(round)")) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(answers.compactMap(\.contact?.contactID)).count == 1)
                #expect(Set(answers.compactMap(\.identity?.identityID)).count == 1)
                #expect(answers.filter(\.created).count == 1)
            }
            #expect(try await contacts.list().contacts.count == 5)
        }
    }

    @Test("16: the same phone in its variants, at once, is one contact")
    func G16_concurrentVariantsGetOneContact() async throws {
        try await withContacts { contacts in
            let forms: [ContactsV1.ChannelIdentity] = [
                .whatsapp("551187654321"), .whatsapp("5511987654321"), .phone("+55 11 98765-4321"), .phone("+55 11 8765-4321"),
            ]
            let answers = try await withThrowingTaskGroup(of: ResolveContactResponse.self) { group in
                for index in 0..<16 { group.addTask { try await contacts.resolve(forms[index % 4]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let ids = Set(answers.compactMap(\.contact?.contactID))
            #expect(ids.count == 1)
            let contact = try await contacts.get(try #require(ids.first))
            #expect(
                Set(contact.identities.map(\.address)) == ["551187654321", "5511987654321", "+5511987654321", "+551187654321"])
        }
    }

    @Test("16: a match is explained")
    func G16_matchIsExplained() async throws {
        try await withContacts { contacts in
            let created = try await contacts.resolve(.phone("+55 11 98765-4321"))
            #expect(created.created && created.match == nil)
            let variant = try await contacts.resolve(.whatsapp("551187654321"))
            #expect(!variant.created)
            #expect(variant.match?.rule == .phoneVariant)
            #expect(variant.match?.matchKey == "tel:+5511987654321")
            #expect(variant.match?.identity?.address == "+5511987654321")
            #expect(try await contacts.resolve(.whatsapp("551187654321")).match?.rule == .exact)

            _ = try await contacts.resolve(.email("Ana@example.com"))
            #expect(try await contacts.resolve(.email("ANA@example.com")).match?.rule == .emailCase)

            let request = LookupContactRequest(kind: .phone, address: "+551187654321")
            let found = try await contacts.service.lookupContact(request, contacts.call(ContactsServiceDescriptor.lookupContact))
            #expect(found.contact?.contactID == created.contact?.contactID)
            #expect(found.match?.rule == .phoneVariant)
        }
    }

    @Test("A further identity finds its contact, and a taken one is named, never moved")
    func furtherIdentities() async throws {
        try await withContacts { contacts in
            let known = try await contacts.resolve(.phone("+15550002222"))
            let scoped = ContactsV1.ChannelIdentity(kind: .whatsapp, scope: "portfolio", address: "US.1349120865530274")
            let byPhone = try await contacts.resolve(scoped, further: [.whatsapp("15550002222")])
            #expect(byPhone.contact?.contactID == known.contact?.contactID)
            #expect(byPhone.match?.rule == .furtherIdentity)
            #expect(byPhone.contact?.identities.count == 3)

            let other = try await contacts.resolve(.email("bia@example.com"))
            let conflict = try await contacts.resolve(scoped, further: [.email("Bia@example.com")])
            #expect(conflict.contact?.contactID == known.contact?.contactID)
            #expect(conflict.conflictingContactIDs == [try #require(other.contact?.contactID)])
        }
    }

    @Test("What is known is kept, what is missing is filled")
    func defaultsFillOnly() async throws {
        try await withContacts { contacts in
            let first = try await contacts.resolve(
                .webchat("v"), defaults: .init(displayName: "Ana", locale: "pt-BR"))
            #expect(first.contact?.displayName == "Ana")
            let second = try await contacts.resolve(
                .webchat("v"), defaults: .init(displayName: "Somebody", timeZone: "America/Sao_Paulo"))
            #expect(second.contact?.displayName == "Ana")
            #expect(second.contact?.timeZone == "America/Sao_Paulo")
            #expect(try await contacts.get(try #require(first.contact?.contactID)) == second.contact)
            // Nothing new: nothing changes, not even the version.
            #expect(try await contacts.resolve(.webchat("v")).contact?.etag == second.contact?.etag)
        }
    }

    @Test("The same address in two tenants is two contacts")
    func tenantsAreApart() async throws {
        try await withContacts { contacts in
            let mine = try await contacts.resolve(.webchat("v"))
            let theirs = try await contacts.resolve(.webchat("v"), tenant: .v7(at: .now))
            #expect(theirs.created)
            #expect(mine.contact?.contactID != theirs.contact?.contactID)
        }
    }

    @Test("Malformed addresses are refused, all at once, and nothing is stored")
    func malformedIsRefused() async throws {
        try await withContacts { contacts in
            let bad: [ContactsV1.ChannelIdentity] = [
                .init(kind: .unspecified, address: "x"), .init(kind: .unrecognized(99), address: "x"), .email("x"),
                .phone("0123"), .webchat(""), .webchat("v", account: ""), .webchat("a\u{0}b"),
            ]
            for identity in bad {
                #expect(
                    await refusal { _ = try await contacts.resolve(identity) } == Refusal(.invalidArgument, "INVALID_FIELD"))
            }
            #expect(
                await refusal {
                    _ = try await contacts.service.resolveContact(
                        .init(), contacts.call(ContactsServiceDescriptor.resolveContact))
                }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
            let stored = try await contacts.list().contacts
            #expect(stored.isEmpty)
        }
    }
}
