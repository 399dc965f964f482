import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("ListContacts")
struct ListContactsTests {
    @Test(
        "Pages in every order hold every contact once, in the order of one big page",
        arguments: [
            "", "display_name", "display_name desc", "create_time", "update_time desc", "last_activity_time",
            "last_activity_time desc",
        ])
    func pagesAreComplete(orderBy: String) async throws {
        try await withContacts { contacts in
            for name in ["Zoë", "ana", "", "Ana", "Bia", "", "émile", "Ana"] {
                _ = try await contacts.create(.init(displayName: name))
            }
            let all = try await contacts.list(orderBy: orderBy).contacts.map(\.contactID)
            #expect(all.count == 8)
            for size in [1, 3, 8] as [Int32] {
                var (token, seen) = ("", [String]())
                repeat {
                    let page = try await contacts.list(orderBy: orderBy, size: size, token: token)
                    #expect(page.contacts.count <= Int(size))
                    seen += page.contacts.map(\.contactID)
                    token = page.nextPageToken
                } while !token.isEmpty
                #expect(seen == all)
            }
        }
    }

    @Test("Names are ordered as people order them, the nameless last")
    func namesAreOrdered() async throws {
        try await withContacts { contacts in
            for name in ["Zoë", "émile", "", "ana", "Bia"] { _ = try await contacts.create(.init(displayName: name)) }
            let names = try await contacts.list(orderBy: "display_name").contacts.map(\.displayName)
            #expect(names == ["ana", "Bia", "émile", "Zoë", ""])
        }
    }

    @Test("A page token is good for its list alone")
    func tokensAreChecked() async throws {
        try await withContacts { contacts in
            for index in 0..<3 { _ = try await contacts.create(.init(displayName: "\(index)")) }
            let token = try await contacts.list("display_name:*", orderBy: "create_time", size: 1).nextPageToken
            #expect(!token.isEmpty)
            let invalid = Refusal(.invalidArgument, "PAGE_TOKEN_INVALID")
            let list: @Sendable (String, String, String) async -> Refusal? = { filter, orderBy, token in
                await refusal { _ = try await contacts.list(filter, orderBy: orderBy, size: 1, token: token) }
            }
            #expect(await list("display_name:*", "create_time", token) == nil)
            #expect(await list("", "create_time", token) == invalid)
            #expect(await list("display_name:*", "create_time desc", token) == invalid)
            for position in token.indices {
                var tampered = token
                tampered.replaceSubrange(position...position, with: token[position] == "A" ? "B" : "A")
                #expect(await list("display_name:*", "create_time", tampered) == invalid)
            }
            for nonsense in ["x", String(token.dropLast()), token + "A", "!!!", String(repeating: "A", count: 10_000)] {
                #expect(await list("display_name:*", "create_time", nonsense) == invalid)
            }
        }
    }

    @Test("A negative page size is refused, a large one is cut")
    func pageSizes() async throws {
        try await withContacts { contacts in
            #expect(await refusal { _ = try await contacts.list(size: -1) } == Refusal(.invalidArgument, "INVALID_FIELD"))
            let page = try await contacts.list(size: .max)
            #expect(page.contacts.isEmpty)
            #expect(
                await refusal { _ = try await contacts.list(orderBy: "note") } == Refusal(.invalidArgument, "ORDER_BY_INVALID"))
        }
    }

    @Test("Every documented filter finds whom it should")
    func filtersFind() async throws {
        try await withContacts { contacts in
            let owner = UUID.v7(at: .now).text
            _ = try await contacts.create(
                .init(
                    displayName: "Ana Lima", ownerID: owner, locale: "pt-BR",
                    attributes: [
                        "plan": .init(kind: .text("gold")), "seats": .init(kind: .number(3)), "vip": .init(kind: .flag(true)),
                    ],
                    note: "100%_sure"),
                [.whatsapp("551187654321"), .email("Ana@example.com")])
            _ = try await contacts.create(
                .init(displayName: "Bia", attributes: ["plan": .init(kind: .text("silver")), "seats": .init(kind: .number(12))]),
                [.webchat("v")])
            _ = try await contacts.create(.init(displayName: "Émile", note: "1000 sure"))

            let cases: [(String, [String])] = [
                (#"display_name = "ana lima""#, ["Ana Lima"]),
                (#"display_name = "ana*""#, ["Ana Lima"]),
                (#"display_name : "IA""#, ["Bia"]),
                (#"display_name : "émi""#, ["Émile"]),
                (#"display_name : "ÉMI""#, ["Émile"]),
                (#"display_name != "ana*""#, ["Bia", "Émile"]),
                // LIKE's own wildcards are letters like any others.
                (#"note : "100%_""#, ["Ana Lima"]),
                (#"note : "_""#, ["Ana Lima"]),
                ("owner_id:*", ["Ana Lima"]),
                ("owner_id = \"\(owner)\"", ["Ana Lima"]),
                ("owner_id != \"\(owner)\"", []),
                ("NOT owner_id:*", ["Bia", "Émile"]),
                ("blocked = true", []),
                ("state = MERGED", []),
                ("state = ACTIVE AND locale = pt-BR", ["Ana Lima"]),
                ("attributes.plan = gold", ["Ana Lima"]),
                ("attributes.plan != gold", ["Bia"]),
                ("attributes.seats > 3", ["Bia"]),
                ("attributes.seats >= 3", ["Ana Lima", "Bia"]),
                // A number is no text, and text no number.
                (#"attributes.seats = "3""#, []),
                ("attributes.plan > 1", []),
                ("attributes.vip = true", ["Ana Lima"]),
                ("attributes.vip:*", ["Ana Lima"]),
                ("identities.kind:WEBCHAT", ["Bia"]),
                (#"identities.address:"+55 11 98765-4321""#, ["Ana Lima"]),
                (#"identities.address:"ANA@EXAMPLE.COM""#, ["Ana Lima"]),
                (#"identities.address:"v""#, ["Bia"]),
                (
                    #"create_time > "2020-01-01T00:00:00Z" AND create_time < "2999-01-01T00:00:00Z""#,
                    ["Ana Lima", "Bia", "Émile"]
                ),
                ("display_name = bia OR display_name = \"ana*\" AND locale = pt-BR", ["Ana Lima"]),
                ("(display_name = bia) OR (display_name = \"ana*\" AND locale = pt-BR)", ["Ana Lima", "Bia"]),
                (#"display_name = "'; drop table contacts.contact; --""#, []),
            ]
            for (filter, expected) in cases {
                let names = try await contacts.list(filter, orderBy: "display_name").contacts.map(\.displayName)
                #expect(names == expected, "\(filter)")
            }
            #expect(
                await refusal { _ = try await contacts.list("nonsense = 1") } == Refusal(.invalidArgument, "FILTER_INVALID"))
        }
    }
}
