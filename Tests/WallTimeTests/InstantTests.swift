import Testing
import WallTime

@Test func printsWithoutFraction() {
    #expect(Instant(microseconds: 0).rfc3339 == "1970-01-01T00:00:00Z")
}
