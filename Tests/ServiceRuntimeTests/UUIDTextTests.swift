import Foundation
import Testing

@testable import ServiceRuntime

@Suite("Ids as text")
struct UUIDTextTests {
    @Test("text is Foundation's in lower case, and is read in either case")
    func roundTrip() {
        for _ in 0..<2_000 {
            let id = UUID()
            #expect(id.text == id.uuidString.lowercased())
            #expect(UUID(id: id.text) == id && UUID(id: id.uuidString) == id)
        }
    }

    /// Foundation takes blanks and signs for digits.
    @Test("a byte that is no digit or hyphen in its place makes it none, and so does every other length")
    func refused() {
        let right = "0198c0de-0000-7000-8000-0000000000aF"
        for place in 0..<36 {
            for byte: UInt8 in 0..<128 {
                var bytes = Array(right.utf8)
                let isHyphen = bytes[place] == UInt8(ascii: "-")
                bytes[place] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                let isRight = isHyphen ? byte == UInt8(ascii: "-") : Character(UnicodeScalar(byte)).isHexDigit
                #expect(UUID(id: text) == (isRight ? UUID(uuidString: text) : nil), "\(text)")
            }
        }
        for text in [
            "", "0198c0de000070008000000000000001", "{\(right)}", String(right.dropLast()), right + "0", "é" + right.dropFirst(),
        ] {
            #expect(UUID(id: text) == nil)
        }
    }
}
