/// How often something is tried, and how long the pauses are: each so many times the one before, up to a longest, shortened
/// by chance down to half, so that what failed together does not come back together. Machine time.
struct RetryPlan: Sendable, Hashable {
    var attemptsMax: Int
    var first: Duration
    var factor: Int
    var longest: Duration

    /// 2 s, 8 s, 32 s, 2 min, 9 min, 15 min, 15 min: about 40 minutes in all.
    static let outbound = RetryPlan(attemptsMax: 8, first: .seconds(2), factor: 4, longest: .seconds(900))
    /// 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h, 6 h, 6 h, 6 h: about a day in all.
    static let webhook = RetryPlan(attemptsMax: 12, first: .seconds(5), factor: 3, longest: .seconds(6 * 3_600))

    /// The pause before the next attempt; `nil`: there is none.
    /// - Parameter chance: 0 to 1.
    func pause(afterAttempts count: Int, chance: Double = .random(in: 0...1)) -> Duration? {
        guard count < attemptsMax else { return nil }
        var pause = first
        for _ in 1..<max(count, 1) where pause < longest { pause *= factor }
        return min(pause, longest) * (0.5 + min(max(chance, 0), 1) / 2)
    }
}
