import WallTime

/// C42: what a customer was asked at the end of his conversation, and what he answered.
struct Survey: Hashable, Sendable {
    static let answerWithin: Duration = .seconds(72 * 3_600)
    static let scores: ClosedRange<Int16> = 1...5
    /// What stands in its text for the link at which it can be answered.
    static let linkPlaceholder = "{survey_link}"

    var asked: Instant
    var score: Int16?
    var answered: Instant?

    /// Whether an answer still counts.
    func isOpen(at now: Instant) -> Bool { score == nil && now < asked.advanced(by: Self.answerWithin) }

    /// The score that a message gives: a figure from 1 to 5, alone in it, or as the id or title of what was chosen.
    /// - Returns: `nil` for a message that is no answer.
    static func score(kind: MessageKind, text: String, choice: (id: String, title: String)?, files: Int) -> Int16? {
        guard files == 0 else { return nil }
        switch kind {
        case .text: return score(text)
        case .choice: return choice.flatMap { score($0.id) ?? score($0.title) } ?? score(text)
        default: return nil
        }
    }

    private static func score(_ text: String) -> Int16? {
        let words = text.split(whereSeparator: \.isWhitespace)
        // Int16 also reads "+5" and "05", which nobody means as a figure.
        guard words.count == 1, let word = words.first, word.utf8.count == 1, let score = Int16(word) else { return nil }
        return scores.contains(score) ? score : nil
    }
}

extension ClosingReason {
    /// Whether its customer is asked: somebody served him, and the end was none of silence, of a block or of a failure.
    var asksForJudgement: Bool {
        switch self {
        case .agent, .bot, .customer, .inactive: true
        case .noReply, .expired, .blocked, .startFailed: false
        }
    }
}
