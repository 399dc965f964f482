/// Another worker holds the lease by now: what was under way is rolled back.
struct LeaseLost: Error {}

enum Lease {
    /// Renews a lease beside the work that it covers, until it is lost. A renewal that fails is no reason to give the work up
    /// while the lease lasts: on a database that is slow, work done twice would make it slower still. Who has lost it
    /// unknowingly is found out by the fencing token.
    /// - Parameter renew: answers false where the lease is another's by now.
    static func keep(for lease: Duration, _ renew: () async throws -> Bool) async throws -> Never {
        var end = ContinuousClock.now + lease
        while true {
            try await Task.sleep(for: lease / 3)
            let asked = ContinuousClock.now
            do {
                guard try await renew() else { throw LeaseLost() }
                end = asked + lease
            } catch let error where !(error is LeaseLost) {
                guard ContinuousClock.now < end, !Task.isCancelled else { throw error }
            }
        }
    }
}
