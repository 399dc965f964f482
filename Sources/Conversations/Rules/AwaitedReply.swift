import FoundationEssentials
import WallTime

/// A template was sent, and the customer has not written since (S36, S39, C37).
struct AwaitedReply: Hashable, Sendable {
    /// Whose acceptance by the provider starts the clock.
    var messageID: UUID
    /// How long the reply is awaited, before the conversation closes; `nil`: nobody said.
    var patience: Duration?
    /// It resumed an expired conversation.
    var resumes: Bool

    static let patienceRange: ClosedRange<Duration> = .seconds(60)...(.seconds(30 * 86_400))
    static let standardPatience: Duration = .seconds(86_400)

    /// C23: the provider took the template.
    /// - Returns: when the conversation closes, or when it expires again.
    func deadline(acceptedAt time: Instant) -> (closes: Instant?, expires: Instant?) {
        if let patience { return (time.advanced(by: patience), nil) }
        return resumes ? (nil, time.advanced(by: Self.standardPatience)) : (time.advanced(by: Self.standardPatience), nil)
    }

    /// What becomes of a conversation whose template failed (C37).
    var failure: TransitionEvent { resumes ? .resumeFailed : .startFailed }
}
