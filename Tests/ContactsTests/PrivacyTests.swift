import ContactsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Testing
import WallTime

@testable import Contacts

@Suite("Consent, export and erasure")
struct PrivacyTests {
    @Test("Statements of consent are kept whole, newest first, and never changed; a withdrawal is a statement of its own")
    func consents() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana")).contactID
            let granted = try await contacts.consent(
                ana,
                .init(
                    purpose: "marketing", identityKind: .email, state: .granted, source: .customer, evidence: "form 7",
                    lawfulBasis: .consent, statementTime: .init(seconds: 1_000)))
            let withdrawn = try await contacts.consent(
                ana, .init(purpose: "marketing", identityKind: .email, state: .withdrawn, source: .agent))
            #expect(granted.recordedBy == contacts.agentID.text && granted.statementTime == Timestamp(seconds: 1_000))
            #expect(withdrawn.statementTime == withdrawn.recordTime)
            #expect(try await contacts.consents(of: ana) == [withdrawn, granted])
            #expect(try await contacts.timeline(ana, kinds: [.consentRecorded]).timelineEntries.count == 2)
            let wrong: [ContactsV1.Consent] = [
                .init(state: .granted, source: .agent), .init(purpose: "Mail", state: .granted, source: .agent),
                .init(purpose: "mail", source: .agent), .init(purpose: "mail", state: .granted),
                .init(purpose: "mail", state: .granted, source: .agent, statementTime: .init(seconds: 253_402_300_000)),
            ]
            for consent in wrong {
                #expect(
                    await refusal { _ = try await contacts.consent(ana, consent) } == Refusal(.invalidArgument, "INVALID_FIELD"))
            }
        }
    }

    @Test("C59: a contact carries a language tag and a zone that there is; others are refused")
    func C59_localeAndZone() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(locale: "pt-BR", timeZone: "America/Sao_Paulo"))
            #expect(ana.locale == "pt-BR" && ana.timeZone == "America/Sao_Paulo")
            for zone in ["Mars/Base", "America", "america/sao_paulo", "../UTC", "zone.tab", "America/Sao_Paulo/x"] {
                #expect(
                    await refusal { _ = try await contacts.create(.init(timeZone: zone)) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"), "\(zone)")
            }
            for locale in ["p", "pt_BR", "pt-", "português"] {
                #expect(
                    await refusal { _ = try await contacts.create(.init(locale: locale)) }
                        == Refusal(.invalidArgument, "INVALID_FIELD"), "\(locale)")
            }
            // What is known is never overwritten by what a channel says (first set wins).
            let resolved = try await contacts.resolve(
                .webchat("v"), defaults: .init(locale: "en", timeZone: "UTC")
            ).contact
            #expect(try await contacts.resolve(.webchat("v"), defaults: .init(locale: "fr")).contact?.locale == "en")
            #expect(resolved?.timeZone == "UTC")
        }
    }

    @Test("20: the export of a person is one document with everything that is kept, merged contacts included")
    func G20_exportIsWhole() async throws {
        try await withContacts { contacts in
            let person = try await Canary(contacts)
            let document = try await contacts.data(of: person.id)
            let text = String(decoding: document, as: UTF8.self)
            for canary in Canary.words { #expect(text.contains(canary), "\(canary)") }
            let json = try JSONDecoder().decode([String: AnyList].self, from: Data(document))
            #expect(json["contacts"]?.count == 2 && json["consents"]?.count == 1 && json["linkedObjects"]?.count == 1)
            #expect((json["timelineEntries"]?.count ?? 0) >= 7 && json["merges.\(person.id)"]?.count == 1)
            try await contacts.define("diagnosis", .text, sensitive: true)
            _ = try await contacts.update(
                .init(contactID: person.id, attributes: ["diagnosis": .init(kind: .text("x"))]), mask: ["attributes.diagnosis"])
            #expect(
                await refusal { _ = try await contacts.data(of: person.id, role: "operator") }
                    == Refusal(.permissionDenied, "PERMISSION_DENIED"))
        }
    }

    @Test(
        "20: after an erasure no column of any table holds an identifier, and the receipt comes when every service has reported")
    func G20_erasureLeavesNothing() async throws {
        try await withContacts { contacts in
            let person = try await Canary(contacts)
            let bystander = try await contacts.create(.init(displayName: "Bia"), [.email("bia@example.com")])
            #expect(try await contacts.tables(holding: Canary.words).count > 5, "the search finds what is there")
            #expect(
                await refusal { _ = try await contacts.erase(person.mergedID) }
                    == Refusal(.failedPrecondition, "CONTACT_NOT_ACTIVE"))
            let erasure = try await contacts.erase(person.id)
            #expect(erasure.state == .waiting && erasure.receipt == nil)
            #expect(erasure.awaitedServices == ["channels", "conversations", "tickets"])
            #expect(try await contacts.tables(holding: Canary.words) == [])
            let left = try await contacts.get(person.id)
            #expect(
                left.state == .erased && left.fieldsOnly == .init(contactID: person.id, state: .erased) && left.identities.isEmpty
            )
            #expect(try await contacts.timeline(person.id).timelineEntries.isEmpty)
            #expect(try await contacts.get(bystander.contactID) == bystander)

            for service in ["tickets", "channels"] {
                let waiting = try await contacts.report(erasure.erasureID, from: service, ["messages": 0])
                #expect(waiting.state == .waiting && waiting.receipt == nil && !waiting.awaitedServices.contains(service))
            }
            let done = try await contacts.report(erasure.erasureID, from: "conversations", ["messages": 7])
            #expect(done.state == .complete && done.awaitedServices.isEmpty)
            #expect(done.receipt?.counts["messages"] == 7 && done.receipt?.counts["contacts"] == 2)
            #expect(done.receipt?.digest.count == 64)
            #expect(try await contacts.report(erasure.erasureID, from: "conversations", ["messages": 9]) == done, "once")
            #expect(try await contacts.resolve(.email(Canary.email)).created, "the address is a stranger's")
            #expect(
                await refusal { _ = try await contacts.update(.init(contactID: person.id, note: "x")) }
                    == Refusal(.failedPrecondition, "CONTACT_NOT_ACTIVE"))
        }
    }

    @Test("20: the event of an erasure names every contact of the person, and nobody else's repetition brings him back")
    func G20_repetitionsBringNothingBack() async throws {
        try await withContacts { contacts in
            let id = UUID().text
            let ana = try await contacts.create(.init(displayName: "Ana"), [.email(Canary.email)], requestID: id)
            let erasure = try await contacts.erase(ana.contactID)
            let again = CreateContactRequest(
                contact: .init(displayName: "Ana"), identities: [.email(Canary.email)], requestID: id)
            let answer = try await contacts.service.createContact(again, contacts.call(ContactsServiceDescriptor.createContact))
            #expect(answer.contact == nil)
            #expect(try await contacts.list().contacts.isEmpty)
            var told: [Contacts.ContactEvent] = []
            for try await batch in contacts.service.eventLog.batches() {
                told += batch.events.compactMap { Contacts.ContactEvent($0) }
                if batch.isLive { break }
            }
            let erasureID = try #require(ErasureID(erasure.erasureID))
            #expect(told.last == .erased(erasureID, [try #require(ContactID(ana.contactID))]))
        }
    }
}

/// A person of whom something is in every table.
private struct Canary {
    static let email = "canary.mail@example.com"
    static let words = [
        "Canary Name", "canary.mail", "5511987650001", "Canary Note", "canary-value", "Canary Deal", "canary-evidence",
        "Canary Other", "canary.other",
    ]

    let id: String
    let mergedID: String

    init(_ contacts: ContactsFixture) async throws {
        let one = try await contacts.create(
            .init(displayName: "Canary Name", attributes: ["free": .init(kind: .text("canary-value"))], note: "Canary Note"),
            [.email(Self.email)], requestID: UUID().text)
        let other = try await contacts.create(
            .init(displayName: "Canary Other"), [.email("canary.other@example.com"), .phone("+5511987650001")],
            requestID: UUID().text)
        _ = try await contacts.attach(.init(kind: .deal, title: "Canary Deal"), to: one.contactID)
        _ = try await contacts.consent(
            one.contactID, .init(purpose: "marketing", state: .granted, source: .agent, evidence: "canary-evidence"))
        _ = try await contacts.merge(other.contactID, into: one.contactID)
        try await contacts.converse(one.contactID, .email, account: "mail", address: Self.email, "resolved")
        (id, mergedID) = (one.contactID, other.contactID)
    }
}

/// A list of anything, of which only the length is asked.
private struct AnyList: Decodable {
    let count: Int

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var count = 0
        while !list.isAtEnd {
            _ = try list.decode(Anything.self)
            count += 1
        }
        self.count = count
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}

extension ContactsFixture {
    private typealias Privacy = ContactPrivacyServiceDescriptor
    var privacy: ContactPrivacyService { ContactPrivacyService(surroundings: surroundings) }

    func consent(_ contact: String, _ consent: ContactsV1.Consent) async throws -> ContactsV1.Consent {
        let answer = try await privacy.recordConsent(.init(contactID: contact, consent: consent), call(Privacy.recordConsent))
        return try #require(answer.consent)
    }

    func consents(of contact: String) async throws -> [ContactsV1.Consent] {
        try await privacy.listConsents(.init(contactID: contact), call(Privacy.listConsents)).consents
    }

    func erase(_ contact: String) async throws -> ContactsV1.Erasure {
        let answer = try await privacy.eraseContact(.init(contactID: contact, reason: "asked for it"), call(Privacy.eraseContact))
        return try #require(answer.erasure)
    }

    func report(_ erasure: String, from service: String, _ counts: [String: Int32]) async throws -> ContactsV1.Erasure {
        let context = ServerContext(method: Privacy.reportErasure)
        context.authenticate(as: Principal(tenantID: tenantID, subject: service, kind: .service))
        let request = ReportErasureRequest(erasureID: erasure, report: .init(service: service, counts: counts))
        let answer = try await privacy.reportErasure(request, context)
        let read = try await privacy.getErasure(.init(erasureID: erasure), call(Privacy.getErasure))
        #expect(read.erasure == answer.erasure)
        return try #require(answer.erasure)
    }

    func data(of contact: String, role: String = "admin") async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await privacy.exportContactData(
            .init(contactID: contact), call(Privacy.exportContactData, role: role)
        ) { chunk in bytes += chunk }
        return bytes
    }

    /// The tables of the schema in which one of these words stands, as text or as bytes.
    func tables(holding words: [String]) async throws -> [String] {
        let options = TransactionOptions(settings: ["switchboard.tenant_id": tenantID.text], readOnly: true)
        return try await pool.transaction(options) { transaction in
            let names = try await transaction.query(
                "select table_name::text from information_schema.tables where table_schema = 'contacts' order by 1"
            ).map { try $0.decode(String.self) }
            var found: [String] = []
            for name in names {
                let rows = try await transaction.query(
                    """
                    select exists (
                        select from contacts.\(identifier: name) line, unnest(\(words)) word
                        where position(word in line::text) > 0
                           or position(encode(convert_to(word, 'UTF8'), 'hex') in line::text) > 0
                    )
                    """)
                if try rows[0].decode(Bool.self) { found.append(name) }
            }
            return found
        }
    }
}
