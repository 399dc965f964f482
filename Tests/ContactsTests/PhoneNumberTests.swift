import Testing
import Trials

@testable import Contacts

@Suite("Phone numbers")
struct PhoneNumberTests {
    @Test(
        "16: a subscriber's number has one canonical form however it is written",
        arguments: [
            // Brazil's ninth digit.
            ("+55 11 8765-4321", "+5511987654321"),
            ("+55 (11) 98765-4321", "+5511987654321"),
            ("0055 31 7123 4567", "+5531971234567"),
            // A fixed line in Brazil has eight digits and keeps them.
            ("+55 11 3456-7890", "+551134567890"),
            // Mexico's 1.
            ("+52 1 55 1234 5678", "+525512345678"),
            ("+52 55 1234 5678", "+525512345678"),
            // Argentina's 9.
            ("+54 9 11 2345-6789", "+541123456789"),
            ("+54 11 2345-6789", "+541123456789"),
            // Everybody else is left alone.
            ("+1 (555) 000-1111", "+15550001111"),
            ("+49.30/123456", "+4930123456"),
        ])
    func G16_variantsMeet(written: String, canonical: String) throws {
        let number = try #require(PhoneNumber(international: written))
        #expect(number.canonical.e164 == canonical)
        #expect(number.canonical.canonical == number.canonical, "the canonical form is its own")
    }

    @Test(
        "16: what is no international number is refused, not guessed",
        arguments: [
            "", "+", "98765-4321", "+0123456789", "+123456", "+1234567890123456", "+55 11 abc", "+5511987654321;1",
            "+٥٥١١٩٨٧٦٥٤٣٢١",
        ])
    func G16_nationalNumbersAreRefused(text: String) {
        #expect(PhoneNumber(international: text) == nil)
    }

    @Test("16: different subscribers never share a canonical form")
    func G16_noFalseMatch() throws {
        var seen: [String: String] = [:]
        // Every way a Brazilian number of one area can begin, mobile and fixed.
        for first in 2...9 {
            for rest in ["1234567", "9999999", "0000000"] {
                let subscriber = "\(first)\(rest)"
                let number = try #require(PhoneNumber(digits: "5511" + subscriber))
                #expect(seen.updateValue(subscriber, forKey: number.canonical.e164) == nil)
            }
        }
    }
}

@Suite("Which addresses are one person's")
struct IdentityRuleTests {
    /// A subscriber as the numbering plans know him, apart from the rule that is tested.
    private struct Subscriber: Hashable {
        let country: String
        let number: String
        let isMobile: Bool

        /// Every way in which providers write his number, without the plus sign.
        var forms: [String] {
            switch country {
            // Anatel: mobiles got a 9 behind the area code.
            case "55" where isMobile: [country + number, country + number.prefix(2) + "9" + number.dropFirst(2)]
            // IFT: a 1 before the area code until 2019.
            case "52": [country + number, country + "1" + number]
            // ENACOM: a 9 before the area code of a mobile dialled from abroad.
            case "54": [country + number, country + "9" + number]
            default: [country + number]
            }
        }
    }

    @Test("16: over random subscribers and all their neighbours, one subscriber's forms meet and no two subscribers' do")
    func G16_noFalseMatchAmongNeighbours() throws {
        var random = SeededGenerator(seed: 16)
        var subscribers: Set<Subscriber> = []
        for _ in 0..<400 {
            let subscriber = Self.any(&random)
            subscribers.insert(subscriber)
            subscribers.formUnion(Self.neighbours(of: subscriber))
        }
        var holders: [String: Subscriber] = [:]
        for subscriber in subscribers {
            let addresses = try subscriber.forms.flatMap { digits in
                [
                    try ChannelAddress(kind: .phone, address: "+" + digits), try ChannelAddress(kind: .whatsapp, address: digits),
                ]
            }
            #expect(Set(addresses.map(\.matchKey)).count == 1, "\(subscriber)")
            for key in Set(addresses.map(\.matchKey)) {
                let other = holders.updateValue(subscriber, forKey: key)
                #expect(other == nil, "\(subscriber) and \(String(describing: other)) share \(key)")
            }
        }
        #expect(holders.count == subscribers.count && subscribers.count > 10_000)
    }

    @Test("16: e-mail addresses meet without regard to case, and with regard to everything else; opaque ids never meet")
    func G16_addressesOfOtherKinds() throws {
        func key(_ kind: IdentityKind, _ address: String, _ scope: String = "") throws -> String {
            try ChannelAddress(kind: kind, scope: scope, address: address).matchKey
        }
        #expect(try key(.email, "Ana.Lima@Example.COM") == key(.email, "ana.lima@example.com"))
        let different = [
            "ana.lima@example.com", "analima@example.com", "ana.lima+x@example.com", "ana.lima@example.org",
            "ana.lima@mail.example.com", "ana_lima@example.com",
        ]
        #expect(Set(try different.map { try key(.email, $0) }).count == different.count)
        let opaque = [
            try key(.facebook, "1", "a"), try key(.facebook, "1", "b"), try key(.instagram, "1", "a"),
            try key(.webchat, "1", "a"),
            try key(.other, "1", "a"), try key(.other, "b:1", "a"), try key(.other, "1", "a:b"), try key(.customer, "1"),
            try key(.customer, "A"), try key(.customer, "a"), try key(.facebook, "a", "A"), try key(.facebook, "A", "a"),
        ]
        #expect(Set(opaque).count == opaque.count)
    }

    private static func any(_ random: inout SeededGenerator) -> Subscriber {
        func digits(_ count: Int) -> String { (0..<count).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined() }
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            return Subscriber(
                country: "55",
                number: "\(Int.random(in: 11...99, using: &random))\(Int.random(in: 6...9, using: &random))\(digits(7))",
                isMobile: true)
        case 1:
            return Subscriber(
                country: "55",
                number: "\(Int.random(in: 11...99, using: &random))\(Int.random(in: 2...5, using: &random))\(digits(7))",
                isMobile: false)
        case 2: return Subscriber(country: "52", number: "\(Int.random(in: 2...9, using: &random))\(digits(9))", isMobile: true)
        case 3: return Subscriber(country: "54", number: "\(Int.random(in: 1...3, using: &random))\(digits(9))", isMobile: true)
        default: return Subscriber(country: "49", number: "1\(digits(9))", isMobile: true)
        }
    }

    /// Everybody whose number differs in one digit, within the plan.
    private static func neighbours(of subscriber: Subscriber) -> [Subscriber] {
        let digits = Array(subscriber.number)
        return digits.indices.dropFirst(subscriber.country == "55" ? 3 : 1).flatMap { index in
            (0...9).compactMap { digit in
                var other = digits
                other[index] = Character("\(digit)")
                return other == digits
                    ? nil : Subscriber(country: subscriber.country, number: String(other), isMobile: subscriber.isMobile)
            }
        }
    }
}
