import ConversationsV1
import GRPC
import Logging
import ServiceLifecycle

/// The one Watch of conversations that this process holds, handed to every browser that listens.
struct ConversationsFeed: ServiceLifecycle.Service {
    /// The name in a stream's position.
    static let service = "conversations"

    let client: ConversationsServiceClient
    let feed: LiveFeed<FeedEvent>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do throws(RPCError) {
                    if try await watch() { backoff.reset() }
                } catch {
                    logger.info("the stream of conversations broke off", metadata: ["code": "\(error.code)"])
                    // After a restore for example: whoever listens reads his lists anew.
                    if error.code == .outOfRange { feed.restart() }
                }
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Follows the log until the stream ends.
    /// - Returns: whether anything came.
    private func watch() async throws(RPCError) -> Bool {
        var request = WatchRequest()
        if let cursor = feed.cursor { request.afterCursor = cursor } else { request.liveOnly = true }
        var hasCome = false
        var responses = watch(request).makeAsyncIterator()
        while let response = try await responses.next() {
            hasCome = true
            if let event = response.event {
                feed.publish(tenantID: event.tenantID, cursor: response.cursor) { FeedEvent(event, cursor: response.cursor) }
            } else if !response.cursor.isEmpty {
                feed.advance(to: response.cursor)
            }
        }
        return hasCome
    }

    /// A Watch in the gateway's own name: the hub's, or one for the replay of one viewer.
    func watch(_ request: WatchRequest) -> ResponseStream<WatchResponse> {
        client.watch(request, CallOptions(waitForReady: true))
    }
}
