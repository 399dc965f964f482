import Postgres
import Testing
import WallTime

@testable import Contacts

@Suite("The filter of ListContacts")
struct ContactFilterTests {
    @Test("An empty filter shows active contacts")
    func emptyMeansActive() throws {
        #expect(try ContactFilter("  ").condition == .state(.active))
    }

    @Test("OR binds tighter than AND, as AIP-160 has it")
    func orBindsTighter() throws {
        let filter = try ContactFilter("blocked = true AND locale = a OR locale = b")
        #expect(
            filter.condition
                == .all([
                    .state(.active),
                    .all([
                        .blocked(true),
                        .any([.text(.locale, TextPattern(text: "a")), .text(.locale, TextPattern(text: "b"))]),
                    ]),
                ]))
    }

    @Test("A filter that asks for a state gets it")
    func stateIsTheCallers() throws {
        #expect(try ContactFilter("state = MERGED").condition == .state(.merged))
        #expect(try ContactFilter("NOT state = ACTIVE").condition == .not(.state(.active)))
    }

    @Test(
        "Every documented comparison is read",
        arguments: [
            (#"display_name = "Ana*""#, ContactCondition.text(.displayName, TextPattern(text: "Ana", openEnd: true))),
            (#"display_name : lima"#, .text(.displayName, .containing("lima"))),
            (#"note != "*x*""#, .not(.text(.note, .containing("x")))),
            ("-blocked = true", .not(.blocked(true))),
            ("note:*", .not(.text(.note, TextPattern(text: "")))),
            ("owner_id:*", .hasOwner),
            (#"create_time >= "2026-01-02T03:04:05Z""#, .time(.createTime, .greaterOrEqual, Instant(seconds: 1_767_323_045))),
            ("identities.kind:WHATSAPP", .identityKind(.whatsapp)),
            ("attributes.plan = gold", .attribute("plan", .equal, .text("gold"))),
            ("attributes.seats > -1.5", .attribute("seats", .greater, .number(-1.5))),
            (#"attributes.seats = "15""#, .attribute("seats", .equal, .text("15"))),
            ("attributes.vip = true", .attribute("vip", .equal, .flag(true))),
            ("attributes.plan:*", .hasAttribute("plan")),
            ("(time_zone = \"UTC\")", .text(.timeZone, TextPattern(text: "UTC"))),
        ])
    func documentedComparisons(text: String, expected: ContactCondition) throws {
        #expect(try ContactFilter(text).condition == .all([.state(.active), expected]))
    }

    @Test("An address is looked for as itself and as what it stands for")
    func addressHasMatchKeys() throws {
        let filter = try ContactFilter(#"identities.address:"551187654321""#)
        #expect(
            filter.condition == .all([.state(.active), .identityAddress("551187654321", matchKeys: ["tel:+5511987654321"])]))
    }

    @Test(
        "What is not documented is refused, with its place",
        arguments: [
            ("nonsense = 1", 0),
            ("contact_id = \"x\"", 0),
            ("display_name", 12),
            ("display_name = ", 15),
            ("display_name < \"a\"", 0),
            ("display_name = a b", 17),
            ("display_name = \"open", 15),
            ("(blocked = true", 15),
            ("blocked = true)", 14),
            ("blocked = maybe", 10),
            ("blocked ! true", 8),
            ("blocked = true AND", 18),
            ("AND blocked = true", 0),
            ("owner_id = me", 11),
            ("owner_id < \"018f0000-0000-7000-8000-000000000001\"", 0),
            ("create_time > yesterday", 14),
            ("create_time : \"2026-01-01T00:00:00Z\"", 0),
            ("identities.kind = EMAIL", 0),
            ("identities.kind : FAX", 18),
            ("attributes = 1", 0),
            ("attributes.Plan = 1", 0),
            ("attributes.a.b = 1", 0),
            ("attributes.plan : gold", 18),
            ("state = GONE", 8),
            ("blocked = true; drop table contact", 14),
            ("f(x) = 1", 1),
        ])
    func undocumentedIsRefused(text: String, position: Int) {
        #expect {
            try ContactFilter(text)
        } throws: { error in
            (error as? FilterError)?.position == position
        }
    }

    @Test("A filter is bounded in length, terms and depth")
    func filterIsBounded() throws {
        let terms = Array(repeating: "blocked = true", count: FilterLimits.termsMax).joined(separator: " AND ")
        _ = try ContactFilter(terms)
        #expect(throws: FilterError.self) { try ContactFilter(terms + " AND blocked = true") }
        let depth = FilterLimits.depthMax
        _ = try ContactFilter(String(repeating: "(", count: depth) + "blocked = true" + String(repeating: ")", count: depth))
        #expect(throws: FilterError.self) { try ContactFilter(String(repeating: "(", count: 2_000)) }
        #expect(throws: FilterError.self) { try ContactFilter("note = \"" + String(repeating: "x", count: 2_048) + "\"") }
    }

    @Test("Nothing of a filter's text becomes SQL")
    func valuesAreParameters() throws {
        let filter = try ContactFilter(#"attributes.plan = "'); drop table contact --" AND note : "%_\\" "#)
        #expect(!filter.sql.text.contains("drop"))
        #expect(!filter.sql.text.contains("%"))
        #expect(filter.sql.text.contains("$2"))
    }
}
