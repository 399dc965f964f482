import Testing

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
