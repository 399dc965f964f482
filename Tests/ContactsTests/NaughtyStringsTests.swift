import ContactsV1
import Testing

@testable import Contacts

/// Text that breaks what is not careful: markup, SQL, formats, scripts, directions, emoji, formulas, paths.
private let naughtyStrings = [
    "undefined", "null", "NULL", "None", "true", "\\", "\\\\", "0", "1/0", "-1", "1e999", "NaN", "0x0", "١٢٣", "1,000.00",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://x}", "%s%n%x",
    "'", "\"", "''", "' OR 1=1 --", "'; DROP TABLE contact; --", "\"; SELECT pg_sleep(10); --", "$1", "$$", "%", "_", "%_%",
    "=1+1", "+1", "@SUM(A1)", "../../../etc/passwd", "C:\\con\\con", "$(touch x)", "`id`", "; ls", "| cat",
    "田中さん", "사회과학원", "社會科學院語學研究所", "Ḽơᶉëᶆ", "בְּרֵאשִׁית", "مُنَاقَشَةُ", "👨‍👩‍👧‍👦", "🇧🇷", "🏳️‍🌈", "ﷺ", "˙ɐnbᴉlɐ",
    "\u{202E}txt.exe", "\u{200B}", "\u{FEFF}bom", "e\u{301}", "é", "ﬀ", "İ", "ß", "K", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "\u{10FFFF}", "\u{FFFE}",
]

@Suite("Naughty strings")
struct NaughtyStringsTests {
    @Test("Text goes through every field unchanged, and is found again")
    func textSurvives() async throws {
        try await withContacts { contacts in
            for (index, text) in naughtyStrings.enumerated() {
                let identity = ContactsV1.ChannelIdentity(
                    kind: .webchat, scope: text, address: text, profileName: text, username: text)
                let created = try await contacts.create(
                    .init(
                        displayName: text,
                        attributes: ["text": .init(kind: .text(text)), "list": .init(kind: .texts(.init(values: [text])))],
                        note: text),
                    [identity])
                let read = try await contacts.get(created.contactID)
                #expect(read == created)
                #expect(Array(read.displayName.utf8) == Array(text.utf8) && Array(read.note.utf8) == Array(text.utf8))
                #expect(read.attributes["text"]?.kind == .text(text))
                #expect(read.identities.first.map { Array($0.address.utf8) } == Array(text.utf8))
                #expect(try await contacts.resolve(identity).contact?.contactID == created.contactID, "\(index)")

                let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                let found = try await contacts.list("attributes.text = \"\(quoted)\"").contacts
                #expect(found.contains { $0.contactID == created.contactID }, "\(text)")
                let named = try await contacts.list("display_name : \"\(quoted)\"", size: 200).contacts
                #expect(named.contains { $0.contactID == created.contactID }, "\(text)")
            }
        }
    }

    @Test(
        "U+0000 is refused wherever it comes, and never cut",
        arguments: [
            ContactsV1.Contact(displayName: "a\u{0}b"), .init(locale: "pt\u{0}"), .init(note: "\u{0}"),
            .init(attributes: ["k": .init(kind: .text("\u{0}"))]), .init(attributes: ["k\u{0}": .init(kind: .text("x"))]),
        ])
    func nulIsRefused(contact: ContactsV1.Contact) async throws {
        try await withContacts { contacts in
            let answer = await refusal { _ = try await contacts.create(contact) }
            #expect(answer == Refusal(.invalidArgument, "INVALID_FIELD"))
            let stored = try await contacts.list().contacts
            #expect(stored.isEmpty)
        }
    }

    @Test("U+0000 in a filter is refused")
    func nulInFilterIsRefused() async throws {
        try await withContacts { contacts in
            let answer = await refusal { _ = try await contacts.list("display_name = \"a\u{0}\"") }
            #expect(answer == Refusal(.invalidArgument, "FILTER_INVALID"))
        }
    }
}
