/// A condition did not come to hold within the minute that counts as for ever.
package struct NeverHappened: Error {}

/// Awaits a condition; looks every 5 ms. Only a condition that hangs takes the whole minute.
package func eventually(
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened() }
        try await Task.sleep(for: .milliseconds(5))
    }
}
