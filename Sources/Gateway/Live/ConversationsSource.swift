import ConversationsV1
import GRPC

/// The log of conversations.
struct ConversationsSource: FeedSource {
    static let name = "conversations"

    let client: ConversationsServiceClient

    func follow(after cursor: String?, tenantID: String?, _ each: (FeedStep) async throws -> Bool) async throws {
        var request = WatchRequest()
        if let cursor { request.afterCursor = cursor } else { request.liveOnly = true }
        if let tenantID { request.filter = WatchFilter(tenantID: tenantID) }
        for try await response in client.watch(request, CallOptions(waitForReady: tenantID == nil)) {
            let news = response.event.map { News.conversation($0) }
            guard try await each(FeedStep(cursor: response.cursor, news: news, isLive: response.live)) else { return }
        }
    }
}
