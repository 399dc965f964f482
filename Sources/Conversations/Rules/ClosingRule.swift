/// C46: when conversations of a department and channel close by themselves.
struct ClosingRule: Hashable, Sendable {
    /// What the customer is told before.
    struct Notice: Hashable, Sendable {
        var text: String
        /// How long before the end.
        var before: Duration
    }

    /// How long a customer may leave an answer without one of his; `nil`: for ever.
    var inactiveAfter: Duration?
    var notice: Notice?
    /// How long a conversation may be expired; `nil`: for ever.
    var closeExpiredAfter: Duration?
}

extension ClosingRule {
    static let inactiveRange: ClosedRange<Duration> = .seconds(60)...(.seconds(30 * 86_400))
    static let closeExpiredRange: ClosedRange<Duration> = .seconds(3_600)...(.seconds(365 * 86_400))
    static let noticeCharactersMax = 1_000

    /// What holds where nobody has said anything.
    static func standard(for channel: ChannelKind) -> ClosingRule {
        ClosingRule(
            inactiveAfter: channel == .webchat ? .seconds(30 * 60) : nil, closeExpiredAfter: .seconds(30 * 86_400))
    }
}
