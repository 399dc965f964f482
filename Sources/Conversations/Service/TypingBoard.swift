import ConversationsV1
import FoundationEssentials
import Postgres
import Protobuf
import ServiceRuntime
import Synchronization

/// Who has a conversation open and who types in it (C54, C61), said to all replicas at once and kept nowhere: NOTIFY carries it, by
/// ids alone, on a channel of its own. What is lost is lost; it would be stale when it came.
struct TypingBoard: Sendable {
    static let channel = "conversations_typing"
    /// How long what was said holds.
    static let holds: Duration = .seconds(15)

    let pool: PostgresPool
    let limit: TypingLimit

    /// - Parameter caller: by whom; of more than his share the rest is not said.
    func say(_ typing: Typing, by caller: String) {
        guard limit.allows(caller) else { return }
        pool.say(Base64URL.encode(typing.serialized()), on: Self.channel)
    }

    /// What is said from now on.
    var heard: AsyncCompactMapSequence<AsyncStream<String>, Typing> {
        pool.hear(Self.channel).compactMap { Base64URL.decode($0).flatMap { try? Typing(serialized: $0) } }
    }
}

/// So many in so long by one caller of this process, by the machine's clock.
final class TypingLimit: Sendable {
    static let countMax = 20
    static let span: Duration = .seconds(10)
    /// Callers remembered; those whose span is over are forgotten when there are more.
    static let callersMax = 10_000

    private struct Share {
        var begun: ContinuousClock.Instant
        var count: Int
    }

    private let shares = Mutex<[String: Share]>([:])

    func allows(_ caller: String, at now: ContinuousClock.Instant = .now) -> Bool {
        shares.withLock { shares in
            if shares.count >= Self.callersMax, shares[caller] == nil {
                shares = shares.filter { now < $0.value.begun + Self.span }
                if shares.count >= Self.callersMax { return false }
            }
            var share = shares[caller] ?? Share(begun: now, count: 0)
            if share.begun + Self.span <= now { share = Share(begun: now, count: 0) }
            share.count += 1
            shares[caller] = share
            return share.count <= Self.countMax
        }
    }
}
