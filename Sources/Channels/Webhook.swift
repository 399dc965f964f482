import FoundationEssentials
import ServiceRuntime
import WallTime

/// A place of an integrator's that is told of events.
struct Webhook: Sendable, Hashable {
    enum State: String, Sendable, Hashable {
        case active, disabled
        /// Switched off by us: nothing has got through for days.
        case failing
    }

    static let perTenantMax = 20
    static let nameMax = 100
    static let eventTypesMax = 50
    /// How long the secret before the present one signs beside it.
    static let overlap: Duration = .seconds(24 * 3_600)
    /// After so long without one delivery it is switched off.
    static let failingMax: Duration = .seconds(3 * 24 * 3_600)

    var id: UUID
    var name: String
    var url: String
    var eventTypes: [String]
    var state = State.active
    /// Which of its secrets signs.
    var secretNumber = 1
    var previousSecretExpires: Instant?
    var failingSince: Instant?
    var createTime: Instant
    var updateTime: Instant
    var version: Int64 = 1
}

extension Webhook {
    /// The numbers of the secrets that sign now, the present one first.
    func signingNumbers(at now: Instant) -> [Int] {
        guard let expires = previousSecretExpires, now < expires, secretNumber > 1 else { return [secretNumber] }
        return [secretNumber, secretNumber - 1]
    }

    /// Switched on, it begins anew; switched off, it stays what it was.
    mutating func set(disabled: Bool) {
        if disabled {
            if state == .active { state = .disabled }
        } else {
            if state != .active { failingSince = nil }
            state = .active
        }
    }
}

/// One event for one subscription.
struct WebhookDelivery: Sendable, Hashable {
    enum State: String, Sendable, Hashable { case pending, delivered, dead }

    var id: UUID
    var webhookID: UUID
    var event: WebhookEvent
    var state = State.pending
    var replayCount = 0
    var attemptCount = 0
    /// 0: there was no answer.
    var lastStatus = 0
    var lastError = ""
    var createTime: Instant
    var updateTime: Instant

    /// Names its job: while one waits, a second one is not made.
    var cause: String { "\(id.text)/\(replayCount)" }

    /// Deliveries with the same key go out one after the other.
    var orderingKey: UUID { .derived(from: "webhook/\(webhookID.text)/\(event.subjectID.text)") }
}

/// An event as receivers are told of it.
struct WebhookEvent: Sendable, Hashable {
    /// The same at each repetition and for each subscription.
    var id: String
    var type: String
    /// What it is about.
    var subjectID: UUID
    var time: Instant
    /// JSON; sent as it stands at every attempt.
    var body: String
}
