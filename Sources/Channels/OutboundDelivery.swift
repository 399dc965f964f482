import FoundationEssentials
import WallTime

/// One message of ours on its way to its provider.
struct OutboundDelivery: Sendable, Hashable {
    var messageID: UUID
    var conversationID: UUID
    var channelAccountID: UUID
    /// Whom it is for, as far as is known.
    var contactID: UUID?
    /// He has been erased since: it goes to nobody any more, and its provider's id is not kept.
    var isErased = false
    var status = OutboundStatus.queued
    /// Conversations has been told of it.
    var isReported = false
    /// Attempts that the provider, or the way to it, answered.
    var attemptCount = 0
    var errorClass: ProviderError.Class?
    var providerCode = ""
    var failureReason = ""
    var providerMessageID = ""
    var createTime: Instant
    var updateTime: Instant
}

/// What one attempt came to.
enum AttemptResult: Sendable, Hashable {
    case sent(providerMessageID: String)
    /// The provider, or the way to it, said no.
    case refused(ProviderError)
    /// Never asked: this is why. Conversations knows it already where it was conversations that said no.
    case withheld(reason: String, isKnown: Bool)
    /// An attempt before this one had come through, and conversations knows it.
    case gone(providerMessageID: String)
}

extension OutboundDelivery {
    /// The delivery after an attempt.
    mutating func note(_ result: AttemptResult, at now: Instant, plan: RetryPlan) {
        updateTime = now
        switch result {
        case .sent(let id):
            attemptCount += 1
            errorClass = nil
            providerCode = ""
            status = status.moved(to: .sent)
            providerMessageID = id
        case .gone(let id):
            status = status.moved(to: .sent)
            providerMessageID = id
            isReported = true
        case .withheld(let reason, let isKnown):
            status = status.moved(to: .failed)
            failureReason = reason
            isReported = isKnown
        case .refused(let error):
            attemptCount += 1
            errorClass = error.errorClass
            providerCode = error.code
            if error.errorClass.isTransient, attemptCount < plan.attemptsMax { return }
            status = status.moved(to: .failed)
            failureReason = error.errorClass.reason
        }
    }
}
