import ConversationsV1
import EventLog
import FoundationEssentials
import GoogleProtobuf
import Synchronization
import TicketsV1
import WallTime

@testable import Tickets

/// Conversations as their service's Watch would tell of them.
final class Script: Sendable {
    private struct State {
        var now: Instant
        var events: [ConversationEvent] = []
    }

    private let desk: Desk
    private let state: Mutex<State>

    init(_ desk: Desk) {
        self.desk = desk
        state = Mutex(State(now: desk.now))
    }

    var now: Instant { state.withLock(\.now) }
    var last: ConversationEvent { state.withLock { $0.events[$0.events.count - 1] } }

    func wait(_ seconds: Int) {
        state.withLock { $0.now = $0.now.advanced(by: .seconds(seconds)) }
        try? desk.surroundings.clock.set(now)
    }

    func conversation(continuing former: Conversation? = nil) -> Conversation {
        Conversation(
            conversationID: UUID.v7(at: now).text, channel: .webchat, contactID: UUID.v7(at: now).text,
            arrivalTime: Timestamp(now), firstLine: "Where is it?",
            continuedFrom: former?.conversationID ?? "")
    }

    func add(
        _ kind: ConversationEventKind, _ conversation: Conversation,
        from before: ConversationState = .unspecified,
        to after: ConversationState, reason: ConversationStateReason = .unspecified,
        assignee: UUID? = nil, keepsTicket: Bool = false
    ) {
        append(
            ConversationEvent(
                kind: kind, conversationID: conversation.conversationID,
                actor: .init(kind: .agent, actorID: desk.agentID.text),
                audienceAfter: .init(assigneeID: assignee?.text ?? ""), stateBefore: before,
                stateAfter: after,
                reasonAfter: reason, conversation: conversation, keepTicket: keepsTicket))
    }

    func say(_ author: ActorKind, _ conversation: Conversation, in state: ConversationState = .open) {
        message(author, .outbound, conversation, in: state)
    }
    func note(_ conversation: Conversation) { message(.agent, .internal, conversation) }

    private func message(
        _ author: ActorKind, _ direction: MessageDirection, _ conversation: Conversation, in state: ConversationState = .open
    ) {
        append(
            ConversationEvent(
                kind: .messageAdded, conversationID: conversation.conversationID,
                actor: .init(kind: author),
                stateBefore: state, stateAfter: state, conversation: conversation,
                message: .init(
                    direction: author == .customer ? .inbound : direction, author: .init(kind: author))))
    }

    private func append(_ event: ConversationEvent) {
        state.withLock { state in
            var event = event
            event.tenantID = desk.tenantID.text
            event.occurTime = Timestamp(state.now)
            let digits = "\(state.events.count)"
            event.eventID = "7-" + String(repeating: "0", count: 19 - digits.count) + digits
            state.events.append(event)
        }
    }

    /// Runs two replicas of the consumer until the whole script has been applied.
    func play(breakingAfterEach: Bool = false, cursorsKnown: Bool = true) async throws {
        let events = state.withLock(\.events)
        let tenantID = desk.tenantID
        let (applied, done) = AsyncStream.makeStream(of: Void.self)
        let refusals = Mutex(0)
        let follower = ConversationFollower(surroundings: desk.surroundings) { cursor in
            let isFirst = refusals.withLock { count in
                count += 1
                return count == 1
            }
            if !cursorsKnown, cursor != nil, isFirst { throw EventLogError.outOfRange }
            let next = (cursor.flatMap { Int($0) } ?? -1) + 1
            if next == events.count { done.yield() }
            return AsyncThrowingStream { stream in
                for (index, event) in events.enumerated().dropFirst(next) {
                    stream.yield(.event(event, tenantID: tenantID, cursor: "\(index)"))
                    if breakingAfterEach { return stream.finish(throwing: Broken()) }
                }
                // The end of the script is the end of the stream: the consumer comes again, after the last event.
                if next < events.count { stream.finish() }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try? await follower.consumer.run() } }
            for await _ in applied { break }
            group.cancelAll()
        }
    }

    struct Broken: Error {}
}
