import Foundation
import Synchronization
import Testing
import WallTime

@testable import ServiceRuntime

@Suite("Product clock")
struct ClockTests {
    private func withClocks(_ body: (ProductClock, ProductClock) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let start = Instant(seconds: 1_000)
        try await body(
            ProductClock(file: try TestClockFile(path: path, start: start)), ProductClock(file: try TestClockFile(path: path)))
    }

    @Test("a test clock stands still, and moves for everyone who shares its file")
    func sharedFile() async throws {
        try await withClocks { (one, other) async throws in
            #expect(one.now == Instant(seconds: 1_000))
            try other.set(Instant(seconds: 2_000))
            #expect(one.now == Instant(seconds: 2_000))
        }
    }

    @Test("a sleeper wakes when another process moves the clock, and not before", .timeLimit(.minutes(1)))
    func sleeping() async throws {
        try await withClocks { (one, other) async throws in
            let woken = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await one.sleep(until: Instant(seconds: 1_030))
                    woken.raise()
                }
                try other.set(Instant(seconds: 1_029))
                try await Task.sleep(for: .milliseconds(30))
                let isEarly = woken.isRaised
                #expect(!isEarly)
                try other.set(Instant(seconds: 1_030))
                try await group.waitForAll()
            }
            let isAwake = woken.isRaised
            #expect(isAwake)
        }
    }

    @Test("a sleeper can be cancelled")
    func cancelling() async throws {
        try await withClocks { (one, _) async throws in
            let task = Task { try await one.sleep(until: .latest) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!one.hasDueSleepers)
        }
    }

    @Test("outside of tests the clock follows the database's offset")
    func correction() {
        let clock = ProductClock()
        clock.correct(by: .seconds(3_600))
        #expect(Instant.now.duration(to: clock.now) > .seconds(3_590))
    }

    @Test("settling asks everyone until a whole round found nothing to do", .timeLimit(.minutes(1)))
    func settling() async throws {
        try await withClocks { (clock, _) async throws in
            let settlement = Settlement(clock: clock)
            let first = CountingSettler(work: 3)
            let second = CountingSettler(work: 1)
            settlement.add(first)
            settlement.add(second)
            try await settlement.settle()
            #expect(first.times == 4)
            #expect(second.times == 4)
        }
    }

    @Test("settling waits for timers that are due", .timeLimit(.minutes(1)))
    func settlingTimers() async throws {
        try await withClocks { (clock, _) async throws in
            let fired = Flag()
            let settlement = Settlement(clock: clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await clock.sleep(until: Instant(seconds: 1_010))
                    fired.raise()
                }
                while !clock.isAwaited { await Task.yield() }
                try clock.set(Instant(seconds: 1_010))
                try await settlement.settle()
                #expect(!clock.hasDueSleepers)
                try await group.waitForAll()
            }
            let hasFired = fired.isRaised
            #expect(hasFired)
        }
    }

    @Test("who does not come to rest is named", .timeLimit(.minutes(1)))
    func stuckSettler() async throws {
        try await withClocks { (clock, _) async throws in
            let settlement = Settlement(clock: clock, timeMax: .milliseconds(20))
            settlement.add(StuckSettler())
            let failure = await #expect(throws: Failure.self) { try await settlement.settle() }
            #expect(failure?.message == "timeline has not come to rest")
        }
    }

    @Test("who cannot be asked is asked again, and at the end it is told why not", .timeLimit(.minutes(1)))
    func failingSettler() async throws {
        try await withClocks { (clock, _) async throws in
            let settlement = Settlement(clock: clock)
            let brief = FailingSettler(failures: 2)
            settlement.add(brief)
            try await settlement.settle()
            // Once more at rest, for it is not known what was done meanwhile.
            #expect(brief.asked.load(ordering: .relaxed) == 4)
            let hopeless = Settlement(clock: clock, timeMax: .milliseconds(50))
            hopeless.add(FailingSettler(failures: .max))
            let failure = await #expect(throws: Failure.self) { try await hopeless.settle() }
            #expect(failure?.message == "jobs has not come to rest: Away()")
        }
    }

    @Test("work that never ends is told, not waited for")
    func neverSettles() async throws {
        try await withClocks { (clock, _) async throws in
            let settlement = Settlement(clock: clock)
            settlement.add(CountingSettler(work: .max))
            await #expect(throws: Failure.self) { try await settlement.settle() }
        }
    }
}

final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

/// Has something to do for the first `work` times it is asked.
final class CountingSettler: Settler {
    let settlerName = "counting"
    let asked = Atomic(0)
    private let work: Int

    var times: Int { asked.load(ordering: .relaxed) }

    init(work: Int) {
        self.work = work
    }

    func settle() async throws -> Bool {
        asked.add(1, ordering: .relaxed).oldValue < work
    }
}

struct StuckSettler: Settler {
    let settlerName = "timeline"
    func settle() async throws -> Bool {
        try await Task.sleep(for: .seconds(3_600))
        return true
    }
}

/// Cannot be asked the first times.
final class FailingSettler: Settler {
    struct Away: Error {}

    let settlerName = "jobs"
    let asked = Atomic(0)
    private let failures: Int

    init(failures: Int) {
        self.failures = failures
    }

    func settle() async throws -> Bool {
        guard asked.add(1, ordering: .relaxed).oldValue >= failures else { throw Away() }
        return false
    }
}
