import ConversationsV1
import FoundationEssentials
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Tells providers that an agent types (C61): heard beside conversations' events by the replica that follows them, kept nowhere,
/// never repeated. What is lost is lost; it would be stale when it came.
struct TypingTeller: ServiceLifecycle.Service {
    let surroundings: Surroundings

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await note in surroundings.typing.notes {
                do {
                    try await tell(note)
                } catch {
                    surroundings.logger.debug("a provider was not told of typing", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func tell(_ note: TypingNote) async throws {
        guard let account = surroundings.accounts[note.channelAccountID],
            let adapter = surroundings.adapters[account.adapter]
        else { return }
        let address = try await surroundings.conversations.address(in: note.conversationID, tenantID: note.tenantID)
        // Conversations erases before it tells.
        if !address.isEmpty { try await adapter.tell(typing: note.isTyping, to: address, over: account) }
    }
}

/// Who is to be told of what.
struct TypingNote: Sendable, Hashable {
    var tenantID: UUID
    var conversationID: UUID
    var channelAccountID: UUID
    var isTyping: Bool
}

/// What is heard of typing, until it is told.
final class TypingNotes: Sendable {
    /// More than these, and the oldest are lost.
    static let waitingMax = 100
    /// Nobody need hear more often that somebody still types: providers show it for 20 seconds or longer.
    static let again: Swift.Duration = .seconds(5)
    /// Conversations remembered; when there are more, those of before are forgotten.
    static let conversationsMax = 10_000

    let notes: AsyncStream<TypingNote>
    private let into: AsyncStream<TypingNote>.Continuation
    private let told = Mutex<[UUID: (isTyping: Bool, time: ContinuousClock.Instant)]>([:])

    init() {
        (notes, into) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.waitingMax))
    }

    /// Passes over what is no provider's to hear, and what one has heard just now.
    func hear(_ typing: Typing, at now: ContinuousClock.Instant = .now) {
        guard typing.visitorID.isEmpty, let accountID = UUID(id: typing.channelAccountID),
            let tenantID = UUID(id: typing.tenantID), let conversationID = UUID(id: typing.conversationID)
        else { return }
        let isNew = told.withLock { told in
            let last = told[conversationID]
            if last == nil, !typing.typing { return false }
            if let last, last.isTyping == typing.typing, now < last.time + Self.again { return false }
            if last == nil, told.count >= Self.conversationsMax { told = [:] }
            told[conversationID] = (typing.typing, now)
            return true
        }
        guard isNew else { return }
        into.yield(
            TypingNote(
                tenantID: tenantID, conversationID: conversationID, channelAccountID: accountID, isTyping: typing.typing))
    }
}
