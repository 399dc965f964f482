import Synchronization
import Testing

@testable import EventLog

/// A database that does not answer for a moment takes no work away.
@Test func aRenewalThatFailsEndsNothingWhileTheLeaseLasts() async throws {
    struct Away: Error {}
    let asked = Mutex(0)
    await #expect(throws: LeaseLost.self) {
        // Of its three thirds one fails, and in the next the lease is another's.
        try await Lease.keep(for: .seconds(3)) {
            let times = asked.withLock { asked in
                asked += 1
                return asked
            }
            guard times > 1 else { throw Away() }
            return false
        }
    }
    #expect(asked.withLock { $0 } == 2)
    // One that fails until the lease is over ends the work, with what the database said.
    await #expect(throws: Away.self) { try await Lease.keep(for: .milliseconds(30)) { throw Away() } }
}
