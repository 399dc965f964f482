import ContactsV1
import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import TemplatesV1
import TicketsV1

/// One step of another service's Watch.
protocol WatchStep: Protobuf.Message {
    associatedtype News: Sendable

    var cursor: String { get }
    var event: News? { get }
    var live: Bool { get }

    static func tenantID(of news: News) -> String
}

extension ConversationsV1.WatchResponse: WatchStep {
    static func tenantID(of news: ConversationEvent) -> String { news.tenantID }
}

extension ContactsV1.WatchResponse: WatchStep {
    static func tenantID(of news: ContactEvent) -> String { news.tenantID }
}

extension TicketsV1.WatchResponse: WatchStep {
    static func tenantID(of news: TicketEvent) -> String { news.tenantID }
}

extension TemplatesV1.WatchResponse: WatchStep {
    static func tenantID(of news: TemplateEvent) -> String { news.tenantID }
}

/// The answers of a Watch as a consumer takes them.
struct WatchedItems<Step: WatchStep>: AsyncSequence, Sendable {
    let responses: ResponseStream<Step>
    /// Is told of what is said beside the log, and answers whether a response was that: it is then no item.
    var aside: @Sendable (Step) -> Bool = { _ in false }

    /// The place behind the last event of the log.
    func head() async throws -> String {
        for try await response in responses where response.live { return response.cursor }
        throw RPCError(code: .unavailable, message: "the stream ended before it was live")
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(responses: responses.makeAsyncIterator(), aside: aside) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var responses: ResponseStream<Step>.AsyncIterator
        let aside: @Sendable (Step) -> Bool

        mutating func next() async throws -> ConsumedItem<Step.News>? {
            do {
                var next = try await responses.next()
                while let said = next, aside(said) { next = try await responses.next() }
                guard let response = next else { return nil }
                guard let event = response.event, let tenantID = UUID(id: Step.tenantID(of: event)) else {
                    return .progress(cursor: response.cursor)
                }
                return .event(event, tenantID: tenantID, cursor: response.cursor)
            } catch {
                guard error.code == .outOfRange else { throw error }
                throw EventLogError.outOfRange
            }
        }
    }
}
