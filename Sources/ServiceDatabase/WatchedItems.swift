import EventLog
import FoundationEssentials
import GRPC

/// Where a service's Watch says what, step by step.
package struct WatchForm<Step: Sendable, News: Sendable>: Sendable {
    let cursor: @Sendable (Step) -> String
    let event: @Sendable (Step) -> News?
    let live: @Sendable (Step) -> Bool
    package let tenantID: @Sendable (News) -> String

    package init(
        cursor: @escaping @Sendable (Step) -> String, event: @escaping @Sendable (Step) -> News?,
        live: @escaping @Sendable (Step) -> Bool, tenantID: @escaping @Sendable (News) -> String
    ) {
        (self.cursor, self.event, self.live, self.tenantID) = (cursor, event, live, tenantID)
    }
}

/// The answers of another service's Watch, as a consumer takes them that keeps its place in the stream.
package struct WatchedItems<Step: Sendable, News: Sendable>: AsyncSequence, Sendable {
    private let responses: ResponseStream<Step>
    private let form: WatchForm<Step, News>
    private let aside: @Sendable (Step) -> Bool

    /// - Parameter aside: is told of what is said beside the log, and answers whether a step was that: it is then no item.
    package init(
        _ responses: ResponseStream<Step>, _ form: WatchForm<Step, News>,
        aside: @escaping @Sendable (Step) -> Bool = { _ in false }
    ) {
        (self.responses, self.form, self.aside) = (responses, form, aside)
    }

    /// The place behind the last event of the log.
    package func head() async throws -> String {
        for try await step in responses where form.live(step) { return form.cursor(step) }
        throw RPCError(code: .unavailable, message: "the stream ended before it was live")
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(responses: responses.makeAsyncIterator(), form: form, aside: aside)
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var responses: ResponseStream<Step>.AsyncIterator
        fileprivate let form: WatchForm<Step, News>
        fileprivate let aside: @Sendable (Step) -> Bool

        package mutating func next() async throws -> ConsumedItem<News>? {
            do {
                var next = try await responses.next()
                while let said = next, aside(said) { next = try await responses.next() }
                guard let step = next else { return nil }
                guard let event = form.event(step), let tenantID = UUID(id: form.tenantID(event)) else {
                    return .progress(cursor: form.cursor(step))
                }
                return .event(event, tenantID: tenantID, cursor: form.cursor(step))
            } catch {
                guard error.code == .outOfRange else { throw error }
                throw EventLogError.outOfRange
            }
        }
    }
}
