import Testing
import WallTime

@Test(arguments: [
    (0, "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"),
    (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
    (1_795_228_200_120_000, "2026-11-21T02:30:00.120Z"),
    (1_795_228_200_000_001, "2026-11-21T02:30:00.000001Z"),
    (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
    (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
])
func printsAndReads(microseconds: Int64, text: String) {
    #expect(Instant(microseconds: microseconds).rfc3339 == text)
    #expect(Instant(rfc3339: text)?.microseconds == microseconds)
}

@Test(arguments: [
    ("2026-11-21T00:00:00-02:30", "2026-11-21T02:30:00Z"),
    ("2026-11-21t02:30:00.123456789z", "2026-11-21T02:30:00.123456Z"),
    ("2026-11-21T02:30:00.5+00:00", "2026-11-21T02:30:00.500Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
])
func readsOffsetsAndFractions(text: String, utc: String) {
    #expect(Instant(rfc3339: text)?.rfc3339 == utc)
}

@Test(arguments: [
    "", "2026-11-21", "2026-11-21T02:30:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-11-31T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T02:60:00Z", "2026-11-21T02:30:61Z", "2026-11-21T02:30:00.Z",
    "2026-11-21T02:30:00.1234567890Z", "2026-11-21T02:30:00+2:00", "2026-11-21T02:30:00Z ", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-11-21T02:30:00+24:00", "+026-11-21T02:30:00Z",
    "٢٠٢٦-11-21T02:30:00Z",
])
func refusesWhatIsNoDateTime(text: String) {
    #expect(Instant(rfc3339: text) == nil)
}

@Test func everyDayOfFourCenturiesComesBack() {
    let day: Int64 = 86_400_000_000
    for number in stride(from: Int64(-719_162), through: 146_097, by: 1) {
        let instant = Instant(microseconds: number * day)
        #expect(Instant(rfc3339: instant.rfc3339) == instant)
    }
}

@Test func arithmeticIsExactAndClamped() {
    let start = Instant(milliseconds: 1_500)
    #expect(start.advanced(by: .microseconds(-1)).microseconds == 1_499_999)
    #expect(start.duration(to: Instant(milliseconds: 500)) == .seconds(-1))
    #expect(start.advanced(by: .seconds(Int64.max)) == .latest)
    #expect(start.advanced(by: .seconds(Int64.min)) == .earliest)
    #expect(Instant(microseconds: .max) == .latest && Instant(milliseconds: .min) == .earliest)
    #expect(Instant(seconds: -1, nanoseconds: 999_999_999).microseconds == -1)
    #expect(Instant(microseconds: -1).secondsAndNanoseconds == (-1, 999_999_000))
    #expect(Instant(microseconds: -1).milliseconds == -1)
    #expect(Instant.now > Instant(seconds: 1_700_000_000))
}
