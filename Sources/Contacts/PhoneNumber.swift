/// A telephone number in E.164 (ITU-T E.164: a country code and at most 15 digits in all).
struct PhoneNumber: Hashable, Sendable {
    /// The digits, country code first, without the plus sign.
    let digits: String

    /// Reads an international number: "+55 (11) 98765-4321", "0055 11 98765-4321". Spaces, `-`, `.`, `/` and parentheses
    /// are left out. A national number is refused, because its country would be a guess.
    init?(international text: String) {
        var digits = text.filter { !" -./()\u{A0}".contains($0) }
        if digits.hasPrefix("+") {
            digits.removeFirst()
        } else if digits.hasPrefix("00") {
            digits.removeFirst(2)
        } else {
            return nil
        }
        self.init(digits: digits)
    }

    /// Reads bare digits, country code first, as WhatsApp's `wa_id` has them.
    init?(digits: String) {
        guard (7...15).contains(digits.utf8.count), digits.utf8.first != UInt8(ascii: "0") else { return nil }
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        self.digits = digits
    }

    /// "+5511987654321".
    var e164: String { "+" + digits }

    /// The one form of all the ways in which a subscriber's number is written. Three countries changed how mobile numbers
    /// are dialled from abroad, and providers still report the old form for some numbers:
    ///
    /// - Brazil (55): mobile numbers of eight digits (first digit 6 to 9; fixed lines have 2 to 5) got a ninth, a leading
    ///   9 (Anatel Resolution 553/2010).
    /// - Mexico (52): the 1 after the country code was dropped in 2019 (IFT numbering plan); area codes do not begin with 1.
    /// - Argentina (54): mobiles take a 9 after the country code; the national number of ten digits is unique without it.
    ///
    /// In each, no two subscribers have numbers that differ in that digit only, so equal forms mean equal subscribers.
    var canonical: PhoneNumber {
        let number = Array(digits.utf8)
        let nine = UInt8(ascii: "9")
        if number.starts(with: "55".utf8), number.count == 12, number[4] >= UInt8(ascii: "6") {
            return PhoneNumber(validDigits: number[..<4] + [nine] + number[4...])
        }
        if number.starts(with: "521".utf8), number.count == 13 {
            return PhoneNumber(validDigits: number[..<2] + number[3...])
        }
        if number.starts(with: "549".utf8), number.count == 13 {
            return PhoneNumber(validDigits: number[..<2] + number[3...])
        }
        return self
    }

    private init(validDigits: ArraySlice<UInt8>) {
        digits = String(decoding: validDigits, as: UTF8.self)
    }
}
