import FoundationEssentials
import Postgres
import Testing
import WallTime

@testable import Contacts

@Suite("Fields of a contact")
struct ContactFieldsTests {
    @Test("C59: a locale is a language tag, a zone an IANA name")
    func C59_localeAndZone() {
        for locale in ["", "pt", "pt-BR", "zh-Hant-TW", "es-419"] {
            #expect(ContactFields(locale: locale).violations.isEmpty, "\(locale)")
        }
        for locale in ["p", "pt_BR", "pt-", "português", "pt BR", "a-very-long-tag-that-nobody-would-ever-use"] {
            #expect(ContactFields(locale: locale).violations.map(\.field) == ["locale"], "\(locale)")
        }
        for zone in ["", "UTC", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Etc/GMT+3"] {
            #expect(ContactFields(timeZone: zone).violations.isEmpty, "\(zone)")
        }
        for zone in ["/etc/passwd", "../UTC", "America/", "America/São_Paulo", "+03:00"] {
            #expect(ContactFields(timeZone: zone).violations.map(\.field) == ["time_zone"], "\(zone)")
        }
    }

    @Test("All violations are told at once, by path")
    func violationsAreTold() {
        let fields = ContactFields(
            displayName: String(repeating: "x", count: 201), note: "a\u{0}b",
            attributes: ["Bad": .text(""), "list": .texts(Array(repeating: "x", count: 101)), "n": .number(.nan)])
        #expect(fields.violations.map(\.field) == ["display_name", "note", "attributes", "attributes.list", "attributes.n"])
    }

    @Test("A name is one line; characters are counted as Unicode code points")
    func namesAreOneLine() {
        #expect(ContactFields(displayName: String(repeating: "👩‍👩‍👧", count: 40)).violations.isEmpty)
        #expect(!ContactFields(displayName: String(repeating: "👩‍👩‍👧", count: 41)).violations.isEmpty)
        for line in ["a\nb", "a\u{0}", "a\u{2028}b", "\u{7F}"] {
            #expect(ContactFields(displayName: line).violations.map(\.field) == ["display_name"])
        }
    }

    @Test("Defaults fill what is missing and overwrite nothing")
    func defaultsFill() {
        let known = ContactFields(displayName: "Ana", attributes: ["plan": .text("gold")])
        let filled = known.filled(
            from: ContactFields(displayName: "A.", locale: "pt-BR", attributes: ["plan": .text("x"), "vip": .flag(true)]))
        #expect(
            filled == ContactFields(displayName: "Ana", locale: "pt-BR", attributes: ["plan": .text("gold"), "vip": .flag(true)]))
    }

    @Test("Attributes survive the database's JSON")
    func attributesSurvive() throws {
        let attributes: [String: AttributeValue] = [
            "text": .text("ü \" \\ \u{1F600}\n"), "empty": .text(""), "number": .number(0.1), "whole": .number(3),
            "yes": .flag(true), "no": .flag(false), "time": .time(Instant(microseconds: 1_767_323_045_000_001)),
            "list": .texts(["a", "b"]), "nothing": .texts([]),
        ]
        #expect(try PostgresJSON(attributes).attributes == attributes)
    }
}
