import ContactsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing
import Trials
import WallTime

@testable import Contacts

@Suite("Merging contacts")
struct MergeTests {
    @Test("C36: identities move, the survivor's owner, locale and block win, gaps are filled, and what was lost is provenance")
    func C36_survivorWins() async throws {
        try await withContacts { contacts in
            let (mine, theirs) = (UUID.v7(at: .now).text, UUID.v7(at: .now).text)
            let ana = try await contacts.create(
                .init(displayName: "Ana", ownerID: mine, locale: "pt-BR", attributes: ["plan": .init(kind: .text("gold"))]),
                [.email("ana@example.com")])
            let other = try await contacts.create(
                .init(
                    displayName: "A. Lima", ownerID: theirs, locale: "es-MX", timeZone: "America/Mexico_City",
                    attributes: ["plan": .init(kind: .text("tin")), "seats": .init(kind: .number(3))]),
                [.phone("+5511987654321")])
            let blocked = try await contacts.block(other.contactID, reason: "abuse")
            let merge = try await contacts.merge(other.contactID, into: ana.contactID, etag: ana.etag)

            let survivor = try await contacts.get(ana.contactID)
            #expect(survivor.ownerID == mine && survivor.locale == "pt-BR" && survivor.displayName == "Ana")
            #expect(survivor.block == nil && survivor.timeZone == "America/Mexico_City")
            #expect(survivor.attributes == ["plan": .init(kind: .text("gold")), "seats": .init(kind: .number(3))])
            #expect(survivor.identities.map(\.address).sorted() == ["+5511987654321", "ana@example.com"])
            let merged = try await contacts.get(other.contactID)
            #expect(merged.state == .merged && merged.mergedIntoContactID == ana.contactID && merged.identities.isEmpty)

            #expect(merge.identityIDs == other.identities.map(\.identityID))
            #expect(merge.originals == [ana, blocked])
            let lost = Dictionary(uniqueKeysWithValues: merge.provenance.map { ($0.path, $0) })
            #expect(lost["owner_id"]?.other?.kind == .text(theirs) && lost["owner_id"]?.keptFromContactID == ana.contactID)
            #expect(lost["attributes.plan"]?.other?.kind == .text("tin"))
            #expect(lost["attributes.seats"]?.keptFromContactID == other.contactID)
            #expect(lost["block"]?.other?.kind == .text("abuse"))
            #expect(try await contacts.resolve(.phone("+5511987654321")).contact?.contactID == ana.contactID)
            #expect(try await contacts.merges(of: other.contactID) == [merge])
        }
    }

    @Test("15: unmerge(merge(a, b)) is (a, b), with what came between at each one's address")
    func G15_unmergeIsExact() async throws {
        try await withContacts { contacts in
            let a = try await contacts.create(.init(displayName: "Ana", note: "a"), [.email("ana@example.com")])
            let b = try await contacts.create(
                .init(displayName: "Bia", ownerID: contacts.agentID.text, timeZone: "America/Bogota", note: "b"),
                [.webchat("visitor"), .phone("+5511987654321")])
            let object = try await contacts.attach(.init(kind: .company, title: "Acme"), to: b.contactID)
            let merge = try await contacts.merge(b.contactID, into: a.contactID)
            #expect(try await contacts.objects(of: a.contactID).linkedObjects == [object])

            // Meanwhile: another way to write the number, an address of the survivor's own, an edit, and conversations at both.
            _ = try await contacts.resolve(.whatsapp("551187654321"))
            let added = try await contacts.service.addIdentity(
                .init(contactID: a.contactID, identity: .email("ana@work.example")),
                contacts.call(ContactsServiceDescriptor.addIdentity))
            _ = try await contacts.update(.init(contactID: a.contactID, note: "edited"), mask: ["note"])
            try await contacts.converse(a.contactID, .webchat, account: "account", address: "visitor", "b")
            try await contacts.converse(a.contactID, .email, account: "mail", address: "ana@example.com", "a")
            #expect(try await contacts.conversations(of: a.contactID).count == 2)

            let undone = try await contacts.unmerge(merge.mergeID, etag: merge.etag)
            #expect(undone.unmergedBy == contacts.agentID.text && undone.unmergeTime != nil)
            let (a2, b2) = (try await contacts.get(a.contactID), try await contacts.get(b.contactID))
            #expect(
                a2.fieldsOnly == ContactsV1.Contact(contactID: a.contactID, state: .active, displayName: "Ana", note: "edited"))
            #expect(b2.fieldsOnly == b.fieldsOnly)
            #expect(a2.identities.map(\.identityID) == a.identities.map(\.identityID) + [added.identity?.identityID ?? ""])
            #expect(b2.identities.prefix(2) == b.identities[...])
            #expect(b2.identities.map(\.address).sorted() == ["+5511987654321", "551187654321", "visitor"])
            #expect(try await contacts.conversations(of: a.contactID) == ["a"])
            #expect(try await contacts.conversations(of: b.contactID) == ["b"])
            #expect(try await contacts.objects(of: b.contactID).linkedObjects == [object])
            #expect(try await contacts.objects(of: a.contactID).linkedObjects.isEmpty)
            #expect(try await contacts.resolve(.phone("+5511987654321")).contact?.contactID == b.contactID)
            #expect(try await contacts.resolve(.email("ana@example.com")).contact?.contactID == a.contactID)
        }
    }

    @Test("15: random merges, undone from the last to the first, give back every contact as it was")
    func G15_anyTreeIsUndone() async throws {
        try await withContacts { contacts in
            var random = SeededGenerator(seed: 15)
            var originals: [ContactsV1.Contact] = []
            for index in 0..<8 {
                originals.append(
                    try await contacts.create(
                        .init(
                            displayName: index % 3 == 0 ? "" : "C\(index)", locale: index % 2 == 0 ? "pt" : "",
                            attributes: ["k\(index % 4)": .init(kind: .number(Double(index)))]),
                        [.email("c\(index)@example.com"), .webchat("v\(index)")]))
            }
            var active = originals.map(\.contactID)
            var merges: [ContactsV1.Merge] = []
            while active.count > 1 {
                active.shuffle(using: &random)
                merges.append(try await contacts.merge(active.removeLast(), into: active[0]))
            }
            #expect(try await contacts.get(active[0]).identities.count == 16)
            for merge in merges.dropLast().reversed() {
                let reason = await refusal { _ = try await contacts.unmerge(merge.mergeID) }
                #expect(reason == Refusal(.failedPrecondition, "MERGE_NOT_LAST"))
            }
            for merge in merges.reversed() { _ = try await contacts.unmerge(merge.mergeID) }
            for original in originals {
                let now = try await contacts.get(original.contactID)
                #expect(now.fieldsOnly == original.fieldsOnly && now.identities == original.identities)
            }
            #expect(
                await refusal { _ = try await contacts.unmerge(merges[0].mergeID) }
                    == Refusal(.failedPrecondition, "MERGE_UNDONE"))
        }
    }

    @Test("C36: of many merges at once each contact ends in one place, and every address leads to an active contact")
    func C36_concurrentMerges() async throws {
        try await withContacts { contacts in
            var ids: [String] = []
            for index in 0..<6 { ids.append(try await contacts.create(.init(), [.email("c\(index)@example.com")]).contactID) }
            await withTaskGroup(of: Void.self) { group in
                for survivor in ids {
                    for merged in ids where merged != survivor {
                        group.addTask { [ids] in
                            let error = await refusal { _ = try await contacts.merge(merged, into: survivor) }
                            #expect(error == nil || error?.reason == "CONTACT_NOT_ACTIVE", "\(ids.count)")
                        }
                    }
                }
                for index in 0..<6 {
                    group.addTask {
                        _ = try? await contacts.resolve(
                            .email("C\(index)@example.com"), further: [.email("f\(index)@example.com")])
                    }
                }
            }
            let survivors = try await contacts.list().contacts
            #expect(survivors.count == 1 && survivors[0].identities.map(\.address).filter { $0.hasPrefix("c") }.count == 6)
            for index in 0..<6 {
                let found = try await contacts.resolve(.email("c\(index)@example.com"))
                #expect(!found.created && found.contact?.state == .active && found.contact?.contactID == survivors[0].contactID)
            }
        }
    }

    @Test("A contact is not merged into itself, nor with a stale etag, nor a merged one, nor beyond a hundred addresses")
    func refusals() async throws {
        try await withContacts { contacts in
            let a = try await contacts.create(.init(displayName: "a"), (0..<60).map { .email("a\($0)@example.com") })
            let b = try await contacts.create(.init(displayName: "b"), (0..<41).map { .email("b\($0)@example.com") })
            let c = try await contacts.create(.init(displayName: "c"))
            func refused(_ merged: String, _ survivor: String, _ etag: String = "") async -> Refusal? {
                await refusal { _ = try await contacts.merge(merged, into: survivor, etag: etag) }
            }
            #expect(await refused(a.contactID, a.contactID) == Refusal(.invalidArgument, "SAME_CONTACT"))
            #expect(await refused(b.contactID, a.contactID) == Refusal(.resourceExhausted, "IDENTITIES_MAX"))
            #expect(await refused(c.contactID, a.contactID, "\"9\"") == Refusal(.aborted, "ETAG_MISMATCH"))
            #expect(await refused(UUID.v7(at: .now).text, a.contactID) == Refusal(.notFound, "CONTACT_NOT_FOUND"))
            _ = try await contacts.merge(c.contactID, into: a.contactID)
            #expect(await refused(c.contactID, b.contactID) == Refusal(.failedPrecondition, "CONTACT_NOT_ACTIVE"))
            #expect(
                await refusal { _ = try await contacts.unmerge(UUID.v7(at: .now).text) } == Refusal(.notFound, "MERGE_NOT_FOUND"))
            #expect(try await contacts.get(b.contactID) == b)
        }
    }
}

// MARK: - Calls in one line

extension ContactsFixture {
    func merge(_ merged: String, into survivor: String, etag: String = "") async throws -> ContactsV1.Merge {
        let answer = try await service.mergeContacts(
            .init(survivingContactID: survivor, mergedContactID: merged, etag: etag), call(Methods.mergeContacts))
        return try #require(answer.merge)
    }

    func unmerge(_ id: String, etag: String = "") async throws -> ContactsV1.Merge {
        let answer = try await service.unmergeContacts(.init(mergeID: id, etag: etag), call(Methods.unmergeContacts))
        let read = try await service.getMerge(.init(mergeID: id), call(Methods.getMerge))
        #expect(read.merge == answer.merge)
        return try #require(answer.merge)
    }

    func merges(of contact: String) async throws -> [ContactsV1.Merge] {
        try await service.listMerges(.init(contactID: contact), call(Methods.listMerges)).merges
    }

    func block(_ contact: String, _ identity: String = "", reason: String, spam: Bool = false) async throws -> ContactsV1.Contact
    {
        let answer = try await service.blockContact(
            .init(contactID: contact, identityID: identity, block: .init(reason: reason, spam: spam)), call(Methods.blockContact))
        return try #require(answer.contact)
    }

    /// A conversation's first event, as the consumer writes it.
    func converse(_ contact: String, _ kind: Contacts.IdentityKind, account: String, address: String, _ outcome: String)
        async throws
    {
        let scope = kind == .webchat ? account : ""
        let entry = Contacts.TimelineEntry(
            id: TimelineEntryID(.v7(at: .now)), contactID: try #require(ContactID(contact)), occurTime: .now, actor: "contact",
            subject: .conversationClosed(
                .init(
                    conversationID: UUID.v7(at: .now), channel: kind.rawValue, departmentID: nil, assigneeID: nil,
                    closeReason: "agent", outcome: outcome)),
            address: try ChannelAddress(kind: kind, scope: scope, address: address))
        try await service.changing(call(Methods.updateContact)) { changes in try await changes.store.append(entry) }
    }

    /// The outcomes of the conversations in a contact's timeline.
    func conversations(of contact: String) async throws -> [String] {
        try await timeline(contact, kinds: [.conversationClosed]).timelineEntries.compactMap { entry in
            if case .conversation(let activity) = entry.subject { activity.outcome } else { nil }
        }
    }
}

extension ContactsV1.Contact {
    /// Without addresses, times and version, which a change and its undoing move.
    var fieldsOnly: Self {
        var contact = self
        (contact.identities, contact.etag) = ([], "")
        (contact.createTime, contact.updateTime, contact.lastActivityTime) = (nil, nil, nil)
        return contact
    }
}
