/// Pauses between attempts to reconnect: full jitter, base 0.2 s, doubling, at most 10 s.
struct Backoff: Sendable {
    private var attempt = 0

    mutating func next() -> Duration {
        let ceiling = min(10_000, 200 << min(attempt, 10))
        attempt += 1
        return .milliseconds(Int.random(in: ceiling / 4...ceiling))
    }

    mutating func reset() { attempt = 0 }
}
