@testable import Gateway
import Glibc
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        #"{"a":[1,-2.5e+3,true,false,null,"x"],"b":{}}"#,
        #""\u00e9\ud83d\ude00\n""#,
        "[]", "0", "-0.1",
    ])
    func acceptedTextSurvivesARoundTrip(_ text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(try JSONParser.parse(value.bytes) == value)
    }

    @Test(arguments: [
        "", "{", "[1,]", "01", "1.", "+1", "NaN", "1e", "\"\u{1}\"", #"{"a"}"#, "[1] 2", "\u{FEFF}{}", #""\x""#, "tru", "'a'",
    ])
    func malformedTextIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func duplicateMembersAreNamed() {
        #expect(throws: JSONError.duplicateMember("a")) { try JSONParser.parse(Array(#"{"a":1,"a":2}"#.utf8)) }
        // The escape makes no difference.
        #expect(throws: JSONError.duplicateMember("a")) { try JSONParser.parse(Array(#"{"a":1,"\u0061":2}"#.utf8)) }
    }

    @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#])
    func loneSurrogatesAreRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONError.invalidText(offset: 0)) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func depthIsBounded() throws {
        let nested = { (depth: Int) in Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
        #expect(try JSONParser.parse(nested(64)) != .null)
        #expect(throws: JSONError.tooDeep(limit: 64)) { try JSONParser.parse(nested(65)) }
        #expect(throws: JSONError.tooDeep(limit: 64)) {
            try JSONParser.parse(Array(String(repeating: "[", count: 1_000_000).utf8))
        }
    }

    @Test func numbersKeepTheirText() throws {
        #expect(try JSONParser.parse(Array("9007199254740993".utf8)) == .number("9007199254740993"))
        #expect(try JSONParser.parse(Array("1e999999999".utf8)) == .number("1e999999999"))
    }

    @Test func manyMembersTakeLinearTime() throws {
        let text = "{" + (0..<100_000).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
        // CPU, whatever else the machine has to do: comparing each member with all others would take minutes.
        let begun = clock()
        _ = try JSONParser.parse(Array(text.utf8))
        #expect(clock() - begun < 5 * CLOCKS_PER_SEC)
    }
}
