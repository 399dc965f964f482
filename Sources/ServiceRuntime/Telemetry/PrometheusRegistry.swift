import CoreMetrics
import Synchronization

/// A metrics backend that keeps every series in memory and writes them in Prometheus' text format, version 0.0.4.
///
/// Labels must not come from outside: a series is never forgotten. Beyond `seriesMax` new ones are dropped.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    package static let shared = PrometheusRegistry()
    static let seriesMax = 10_000
    /// Upper bounds of the buckets of timers and aggregating recorders; timers in seconds.
    static let buckets: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    enum Kind: String { case counter, gauge, histogram }

    struct SeriesKey: Hashable {
        let name: String
        let labels: String
    }

    private struct State {
        var kinds: [String: Kind] = [:]
        var series: [SeriesKey: Series] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    func series(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Series {
        let name = Self.name(label)
        let labels = dimensions.sorted { $0.0 < $1.0 }.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }
        let key = SeriesKey(name: name, labels: labels.joined(separator: ","))
        return state.withLock { state in
            if let series = state.series[key] { return series }
            let series = Series(buckets: kind == .histogram ? Self.buckets : [])
            guard state.series.count < Self.seriesMax, (state.kinds[name] ?? kind) == kind else { return series }
            state.kinds[name] = kind
            state.series[key] = series
            return series
        }
    }

    /// Everything, as GET /metrics answers it.
    package func exposition() -> String {
        let (kinds, series) = state.withLock { ($0.kinds, $0.series) }
        var text = ""
        let byName = Dictionary(grouping: series.keys, by: \.name)
        for name in byName.keys.sorted() {
            guard let kind = kinds[name] else { continue }
            text += "# TYPE \(name) \(kind.rawValue)\n"
            for key in byName[name]!.sorted(by: { $0.labels < $1.labels }) {
                series[key]!.write(name, key.labels, isHistogram: kind == .histogram, to: &text)
            }
        }
        return text
    }

    private static func name(_ text: String) -> String {
        // Ours are in order, and a series is looked up with every call.
        if text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }) { return text }
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") ? $0 : "_" })
    }

    private static func escaped(_ text: String) -> String {
        let isPlain = !text.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") }
        return isPlain ? text : text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    // MARK: - MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        TimerSeries(series: series(label, dimensions, .histogram))
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
