import Foundation
import Testing
import Trials
import WallTime

@testable import WorkingTime

/// The zones' offsets, against Foundation's own reading of the IANA database.
@Suite struct ZoneTests {
    static let zones = [
        "America/Sao_Paulo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
    ]

    @Test("6: offsets around every change of 2000 to 2037 equal Foundation's, to the millisecond", arguments: zones)
    func offsetsEqualFoundation(_ identifier: String) throws {
        let rules = try ZoneRules(identifier)
        let foundation = try #require(TimeZone(identifier: identifier))
        let changes = rules.changes(from: 2000, through: 2037)
        #expect(identifier == "Asia/Kathmandu" ? changes.isEmpty : changes.count > 1)
        for change in changes {
            for milliseconds: Int64 in [-86_400_000, -1, 0, 1, 86_400_000] {
                let instant = Instant(microseconds: change + milliseconds * 1_000)
                let date = Date(timeIntervalSince1970: Double(instant.microseconds / 1_000) / 1_000)
                #expect(rules.offsetSeconds(at: instant) == foundation.secondsFromGMT(for: date), "\(identifier) at \(instant)")
            }
        }
        for year in 2000...2037 {
            for month in 1...12 {
                let day = CivilDate(year: year, month: month, day: 15).daysSinceEpoch
                let seconds = Int64(day) * 86_400 + 43_200
                #expect(
                    rules.offsetSeconds(at: Instant(seconds: seconds))
                        == foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
            }
        }
    }

    @Test("6: what a footer says holds for ever, and no file is listed by it")
    func footersGoOn() throws {
        let newYork = try ZoneRules("America/New_York")
        // 2500-07-01 and 2500-01-01.
        let summer = CivilDate(year: 2500, month: 7, day: 1).daysSinceEpoch
        let winter = CivilDate(year: 2500, month: 1, day: 1).daysSinceEpoch
        #expect(newYork.offsetSeconds(at: Instant(seconds: Int64(summer) * 86_400)) == -4 * 3_600)
        #expect(newYork.offsetSeconds(at: Instant(seconds: Int64(winter) * 86_400)) == -5 * 3_600)
        #expect(newYork.changes(from: 2500, through: 2500).count == 2)
    }

    @Test(
        "TZ strings of every form",
        arguments: [
            ("<-03>3", -10_800, nil as Int?), ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", 3_600, 0),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37_800, 39_600), ("AAA-2BBB,J60/0,300/167:59:59", 7_200, 10_800),
        ])
    func footers(_ text: String, standard: Int, summer: Int?) throws {
        let zone = try POSIXZone(text)
        #expect(zone.standardOffset == standard)
        #expect(zone.summer?.offset == summer)
    }

    @Test(
        "TZ strings that are none",
        arguments: [
            "", "E5", "EST", "EST25", "EST5EDT", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "<>5", "EST5EDT,M3.2.0",
        ])
    func malformedFooters(_ text: String) {
        #expect(throws: TimeZoneError.self) { _ = try POSIXZone(text) }
    }

    @Test(
        "names that are no zones, and paths that are no names",
        arguments: [
            "", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "America", "America/", "Europe/London\0", "tzdata.zi",
            "America//New_York",
        ])
    func unknownZones(_ name: String) {
        #expect(throws: TimeZoneError.self) { _ = try ZoneRules(name) }
    }

    @Test("a file that is cut or bent anywhere is refused or read, and never more than its bytes")
    func bentFiles() throws {
        let whole = try [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Australia/Lord_Howe")))
        for length in 0..<whole.count where length % 7 == 0 {
            #expect(throws: TimeZoneError.self) { _ = try ZoneRules("x", tzif: Array(whole[..<length])) }
        }
        var random = SeededGenerator(seed: 0x5EED_0F11)
        for _ in 0..<2_000 {
            var bent = whole
            bent[Int.random(in: 0..<bent.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if let rules = try? ZoneRules("x", tzif: bent) { _ = rules.offsetSeconds(at: Instant(seconds: 1_800_000_000)) }
        }
    }
}

extension ZoneRules {
    /// The microseconds at which the offset changes, of whole years.
    func changes(from first: Int, through last: Int) -> [Int64] {
        var tick = Int64(CivilDate(year: first, month: 1, day: 1).daysSinceEpoch) * 86_400_000_000
        let end = Int64(CivilDate(year: last + 1, month: 1, day: 1).daysSinceEpoch) * 86_400_000_000
        var changes: [Int64] = []
        while true {
            let segment = segment(containing: tick)
            tick = segment.microseconds.upperBound
            guard tick < end else { return changes }
            if self.segment(containing: tick).offset != segment.offset { changes.append(tick) }
        }
    }
}
