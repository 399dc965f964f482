import Testing
import WallTime

@testable import Templates

@Suite("How often people may edit and submit")
struct EditLimitsTests {
    private let now = Instant(seconds: 1_790_000_000)

    private func ago(_ duration: Duration) -> Instant { now.advanced(by: .zero - duration) }
    private let day: Duration = .seconds(86_400)

    @Test("an approved template is edited once in a day: at 24 h exactly it may be again")
    func day_() {
        #expect(EditLimits.nextEdit(after: [], now: now) == nil)
        #expect(EditLimits.nextEdit(after: [ago(day)], now: now) == nil)
        let almost = ago(day).advanced(by: .milliseconds(1))
        #expect(EditLimits.nextEdit(after: [almost], now: now) == now.advanced(by: .milliseconds(1)))
    }

    @Test("and ten times in thirty days, whatever the order in which they are given")
    func thirtyDays() {
        let edits = (0..<10).map { ago(day * (2 + $0)) }
        #expect(EditLimits.nextEdit(after: edits, now: now) == ago(day * 11).advanced(by: day * 30))
        #expect(EditLimits.nextEdit(after: edits.reversed(), now: now) == ago(day * 11).advanced(by: day * 30))
        #expect(EditLimits.nextEdit(after: Array(edits.dropLast()), now: now) == nil)
    }

    @Test("an account submits 100 in an hour")
    func submissions() {
        let hundred = (0..<100).map { ago(.seconds(30 * ($0 + 1))) }
        #expect(EditLimits.nextSubmission(after: hundred, now: now) == ago(.seconds(3_000)).advanced(by: .seconds(3_600)))
        #expect(EditLimits.nextSubmission(after: Array(hundred.dropFirst()), now: now) == nil)
    }
}
