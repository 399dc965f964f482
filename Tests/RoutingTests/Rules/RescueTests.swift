import FoundationEssentials
import Testing
import WallTime

@testable import Routing

@Suite("When others get a paused conversation")
struct RescueTests {
    private let paused = Instant(milliseconds: 1_790_416_800_000)

    private func conversation(_ pool: SlotPool, waitingSince: Instant?) -> ServedConversation {
        ServedConversation(
            id: ConversationID(UUID()), version: 1, state: .pending, reason: "parked", stateTime: paused, pool: pool,
            isWebchat: false, priority: .normal, labels: [], arrival: paused, waitsForAgent: waitingSince != nil,
            waitingSince: waitingSince)
    }

    @Test("C13: counted from the later of the customer's message and the pausing; never without a message")
    func later() {
        let rules = DepartmentRules()
        let before = conversation(.chat, waitingSince: paused.advanced(by: .seconds(-60)))
        let after = conversation(.chat, waitingSince: paused.advanced(by: .seconds(60)))
        #expect(Rescue.time(of: before, by: rules) == paused.advanced(by: .seconds(120)))
        #expect(Rescue.time(of: after, by: rules) == paused.advanced(by: .seconds(180)))
        #expect(Rescue.time(of: conversation(.chat, waitingSince: nil), by: rules) == nil)
        for (state, reason) in [
            (ServedConversation.State.open, ""), (.queued, ""), (.pending, "awaiting_reply"), (.expired, "window"),
        ] {
            var other = after
            (other.state, other.reason) = (state, reason)
            #expect(Rescue.time(of: other, by: rules) == nil)
        }
    }

    @Test("C13: eight working hours on e-mail, by the department's calendar")
    func workingHours() {
        var rules = DepartmentRules()
        let mail = conversation(.email, waitingSince: paused)
        #expect(Rescue.time(of: mail, by: rules) == paused.advanced(by: .seconds(8 * 3_600)))
        // Six hours a day, every day: the rest is the next day's.
        rules.workingHours = WorkingHours(
            timeZone: "UTC", week: (0..<7).map { .init(weekday: $0, hours: .init(open: 0, close: 360)) }, holidays: [])
        let day = paused.microseconds / 86_400_000_000
        // At ten it is closed: six hours tomorrow, two the day after.
        let due = Instant(microseconds: (day + 2) * 86_400_000_000 + 2 * 3_600_000_000)
        #expect(Rescue.time(of: mail, by: rules) == due)
        rules.workingHours = WorkingHours(timeZone: "UTC", week: [], holidays: [])
        #expect(Rescue.time(of: mail, by: rules) == nil, "it never opens")
    }
}
