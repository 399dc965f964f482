import WallTime

/// How often people may do what providers count.
enum EditLimits {
    /// An approved template is edited once in a day and ten times in thirty.
    static let perDay = 1
    static let perThirtyDays = 10
    /// An account submits so many templates in an hour, and holds so many names.
    static let submissionsPerHour = 100
    static let namesMax = 6_000
    /// How long the name of a template that was ever approved is blocked once it is deleted.
    static let nameBlock: Duration = .seconds(30 * 86_400)

    static let day: Duration = .seconds(86_400)
    static let thirtyDays: Duration = .seconds(30 * 86_400)
    static let hour: Duration = .seconds(3_600)

    /// When an approved template may be edited, given when it was edited while approved; `nil`: now.
    static func nextEdit(after edits: [Instant], now: Instant) -> Instant? {
        [next(edits, perDay, day, now), next(edits, perThirtyDays, thirtyDays, now)].compactMap(\.self).max()
    }

    /// When the account may submit again, given when it submitted; `nil`: now.
    static func nextSubmission(after submissions: [Instant], now: Instant) -> Instant? {
        next(submissions, submissionsPerHour, hour, now)
    }

    /// A window of time that moves along: it is full while so many lie in it, and has room when the oldest of them leaves it.
    private static func next(_ times: [Instant], _ max: Int, _ window: Duration, _ now: Instant) -> Instant? {
        let inside = times.filter { $0.advanced(by: window) > now }.sorted()
        guard inside.count >= max else { return nil }
        return inside[inside.count - max].advanced(by: window)
    }
}
