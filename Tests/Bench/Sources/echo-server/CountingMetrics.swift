import CoreMetrics
import Synchronization

/// A metrics backend that counts and sums in memory, as an exporter's would, and shows nothing.
struct CountingMetrics: MetricsFactory {
    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { Total() }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler { Histogram() }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { Histogram() }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

private final class Total: CounterHandler {
    private let total = Atomic<Int64>(0)

    func increment(by amount: Int64) { total.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { total.store(0, ordering: .relaxed) }
}

/// Counts by the power of two of the value.
private final class Histogram: RecorderHandler, TimerHandler {
    private struct State {
        var counts = Array(repeating: 0, count: 65)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func record(_ value: Int64) {
        state.withLock { state in
            state.counts[64 - value.leadingZeroBitCount] += 1
            state.sum += Double(value)
        }
    }

    func record(_ value: Double) { record(Int64(value)) }
    func recordNanoseconds(_ duration: Int64) { record(duration) }
}
