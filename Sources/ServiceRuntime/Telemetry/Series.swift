import CoreMetrics
import Synchronization

/// One time series: a counter's or gauge's value, or a histogram's buckets.
final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    private struct State {
        var value = 0.0
        var counts: [UInt64]
        var count: UInt64 = 0
    }

    private let buckets: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        self.buckets = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count)))
    }

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func reset() {
        state.withLock { $0 = State(counts: Array(repeating: 0, count: buckets.count)) }
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            guard !buckets.isEmpty else {
                state.value = value
                return
            }
            state.value += value
            state.count += 1
            if let index = buckets.firstIndex(where: { value <= $0 }) { state.counts[index] += 1 }
        }
    }

    private func add(_ amount: Double) {
        state.withLock { $0.value += amount }
    }

    func write(_ name: String, _ labels: String, isHistogram: Bool, to text: inout String) {
        let state = state.withLock { $0 }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        guard isHistogram else {
            text += "\(name)\(braces) \(Self.number(state.value))\n"
            return
        }
        let comma = labels.isEmpty ? "" : labels + ","
        var sum: UInt64 = 0
        for (bound, count) in zip(buckets, state.counts) {
            sum += count
            text += "\(name)_bucket{\(comma)le=\"\(Self.number(bound))\"} \(sum)\n"
        }
        text += "\(name)_bucket{\(comma)le=\"+Inf\"} \(state.count)\n"
        text += "\(name)_sum\(braces) \(Self.number(state.value))\n"
        text += "\(name)_count\(braces) \(state.count)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

/// Nanoseconds in, seconds out, as Prometheus wants them.
final class TimerSeries: TimerHandler {
    let series: Series

    init(series: Series) { self.series = series }

    func recordNanoseconds(_ duration: Int64) { series.record(Double(duration) / 1e9) }
}
