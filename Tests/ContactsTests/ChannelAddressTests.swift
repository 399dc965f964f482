import Testing

@testable import Contacts

@Suite("Channel addresses")
struct ChannelAddressTests {
    @Test(
        "16: addresses of one person have one match key",
        arguments: [
            (IdentityKind.whatsapp, "551187654321", IdentityKind.phone, "+55 11 98765-4321"),
            (.whatsapp, "5215512345678", .whatsapp, "525512345678"),
            (.email, "Ana.Lima@Example.COM", .email, "ana.lima@example.com"),
        ])
    func G16_matchKeysMeet(kind: IdentityKind, one: String, otherKind: IdentityKind, other: String) throws {
        let (left, right) = (try ChannelAddress(kind: kind, address: one), try ChannelAddress(kind: otherKind, address: other))
        #expect(left.matchKey == right.matchKey)
    }

    @Test("16: addresses of different people have different match keys")
    func G16_matchKeysDiffer() throws {
        let addresses = [
            try ChannelAddress(kind: .facebook, scope: "page", address: "1"),
            try ChannelAddress(kind: .facebook, scope: "page2", address: "1"),
            try ChannelAddress(kind: .instagram, scope: "page", address: "1"),
            // Where the colon stands must not matter.
            try ChannelAddress(kind: .other, scope: "a:b", address: "c"),
            try ChannelAddress(kind: .other, scope: "a", address: "b:c"),
            try ChannelAddress(kind: .other, scope: "a%3Ab", address: "c"),
            try ChannelAddress(kind: .customer, address: "1"),
            try ChannelAddress(kind: .whatsapp, scope: "portfolio", address: "US.13491208655302741918"),
            try ChannelAddress(kind: .webchat, scope: "page", address: "1"),
        ]
        #expect(Set(addresses.map(\.matchKey)).count == addresses.count)
    }

    @Test("An e-mail address keeps its case before the at sign and loses it behind")
    func emailIsStoredAsItIsSent() throws {
        #expect(try ChannelAddress(kind: .email, address: "Ana@EXAMPLE.com").address == "Ana@example.com")
        #expect(try ChannelAddress(kind: .phone, address: "+55 (11) 98765-4321").address == "+5511987654321")
    }

    @Test(
        "Malformed addresses are refused with the field that is wrong",
        arguments: [
            (IdentityKind.email, "", "no at sign", "address"),
            (.email, "", "a@b@c.de", "address"),
            (.email, "", "ana@localhost", "address"),
            (.email, "", "ana @example.com", "address"),
            (.email, "", "ana@example..com", "address"),
            (.email, "", "", "address"),
            (.email, "scope", "ana@example.com", "scope"),
            (.phone, "", "11 98765-4321", "address"),
            (.whatsapp, "", "US.13491208655302741918", "scope"),
            (.whatsapp, "portfolio", "USA.1", "address"),
            (.whatsapp, "portfolio", "US.a-b", "address"),
            (.whatsapp, "portfolio", "551187654321", "scope"),
            (.facebook, "", "123", "scope"),
            (.webchat, "account", "a\u{0}b", "address"),
            (.webchat, "account\n", "a", "scope"),
            (.webchat, "account", String(repeating: "x", count: 321), "address"),
            (.webchat, String(repeating: "x", count: 201), "x", "scope"),
        ])
    func malformedIsRefused(kind: IdentityKind, scope: String, address: String, field: String) {
        #expect {
            try ChannelAddress(kind: kind, scope: scope, address: address)
        } throws: { error in
            (error as? ChannelAddress.InvalidAddress)?.field == field
        }
    }

    @Test("16: the rule that found a contact is told")
    func G16_ruleIsExplained() throws {
        let wa = try ChannelAddress(kind: .whatsapp, address: "551187654321")
        let phone = try ChannelAddress(kind: .phone, address: "+5511987654321")
        let mail = try ChannelAddress(kind: .email, address: "Ana@example.com")
        let sameMail = try ChannelAddress(kind: .email, address: "ana@example.com")
        #expect(MatchRule(asked: wa, found: wa) == .exact)
        #expect(MatchRule(asked: wa, found: phone) == .phoneVariant)
        #expect(MatchRule(asked: mail, found: sameMail) == .emailCase)
    }
}
