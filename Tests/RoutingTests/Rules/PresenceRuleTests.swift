import Testing
import WallTime

@testable import Routing

@Suite("Presence")
struct PresenceRuleTests {
    @Test("C35, S25: online below 10 s, reconnecting to 30.000 s and no tick longer, then offline")
    func C35_boundaries() {
        let heartbeats = Heartbeats(last: noon, receivingSince: .earliest)
        let cases: [(Int64, Presence)] = [
            (0, .online), (9_999_999, .online), (10_000_000, .reconnecting), (30_000_000, .reconnecting),
            (30_000_001, .offline), (3_600_000_000, .offline),
        ]
        for (age, expected) in cases {
            #expect(heartbeats.presence(at: noon.advanced(by: .microseconds(age))) == expected, "\(age) us")
        }
    }

    @Test("C35: the next change is the very first instant at which anything is another")
    func C35_nextChange() {
        var dice = Dice(35)
        for _ in 0..<2_000 {
            let heartbeats = Heartbeats(
                last: noon.advanced(by: .milliseconds(dice.int(-40_000...0))),
                receivingSince: noon.advanced(by: .milliseconds(dice.int(-40_000...0))))
            let present = heartbeats.presence(at: noon)
            guard let next = heartbeats.nextChange(after: noon) else {
                #expect(present == .offline)
                continue
            }
            #expect(heartbeats.presence(at: next) != present)
            #expect(heartbeats.presence(at: next.advanced(by: .microseconds(-1))) == present)
        }
    }

    @Test("C35: time in which nobody could receive counts against nobody: each has a fresh 30 s")
    func C35_ownDowntime() {
        // The last beat is an hour old, but for all of it we were away.
        let heartbeats = Heartbeats(last: noon.advanced(by: .seconds(-3_600)), receivingSince: noon)
        #expect(heartbeats.presence(at: noon.advanced(by: .seconds(30))) == .reconnecting)
        #expect(heartbeats.presence(at: noon.advanced(by: .seconds(30) + .microseconds(1))) == .offline)
        // A break before the last beat changes nothing.
        let later = Heartbeats(last: noon, receivingSince: noon.advanced(by: .seconds(-5)))
        #expect(later.presence(at: noon.advanced(by: .seconds(10))) == .reconnecting)
    }

    @Test("S25: beats 29.999 s apart, for an hour, never make anybody offline")
    func S25_flapping() {
        var now = noon
        for _ in 0..<120 {
            let heartbeats = Heartbeats(last: now, receivingSince: .earliest)
            now = now.advanced(by: .milliseconds(29_999))
            #expect(heartbeats.presence(at: now) == .reconnecting)
        }
    }
}
