import ConversationsV1
import GRPC
import Logging
import ServiceLifecycle

/// The one Watch of conversations that this process holds, handed to every browser that listens.
struct ConversationsFeed: Service {
    /// The name in a stream's position.
    static let service = "conversations"

    let client: ConversationsServiceClient
    let feed: LiveFeed<FeedEvent>
    let logger: Logger

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await follow()
        } onCancelOrGracefulShutdown: {
            feed.reset(reason: "restart")
        }
    }

    private func follow() async throws {
        var backoff = Backoff()
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await watch { backoff.reset() }
                } catch let error as RPCError where error.code == .outOfRange {
                    // The log starts over, after a restore for example: whoever listens reads his lists anew.
                    logger.warning("the event log of conversations starts over")
                    feed.restart()
                } catch {
                    logger.info("the stream of conversations ended", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    private func watch(onLive: () -> Void) async throws {
        var request = WatchRequest()
        if let cursor = feed.cursor { request.afterCursor = cursor } else { request.liveOnly = true }
        for try await response in watch(request) {
            onLive()
            if let event = response.event {
                feed.publish(tenantID: event.tenantID, cursor: response.cursor) { FeedEvent(event, cursor: response.cursor) }
            } else if !response.cursor.isEmpty {
                feed.advance(to: response.cursor)
            }
        }
    }

    /// A Watch in the gateway's own name: the hub's, or one for the replay of one viewer.
    func watch(_ request: WatchRequest) -> ResponseStream<WatchResponse> {
        client.watch(request, CallOptions(waitForReady: true))
    }
}
