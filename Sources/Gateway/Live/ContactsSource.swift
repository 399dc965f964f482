import ContactsV1
import GRPC
import ServiceRuntime

/// The log of contacts.
struct ContactsSource: FeedSource {
    static let name = "contacts"

    let client: ContactsServiceClient

    func follow(after cursor: String?, tenantID: String?, _ each: (FeedStep) async throws -> Bool) async throws {
        var request = WatchRequest()
        if let cursor { request.afterCursor = cursor } else { request.liveOnly = true }
        var options = CallOptions(waitForReady: tenantID == nil)
        if let tenantID { options.metadata.add(tenantID, for: ServiceCredentials.tenantMetadata) }
        for try await response in client.watch(request, options) {
            let news = response.event.map { News.contact($0) }
            guard try await each(FeedStep(cursor: response.cursor, news: news, isLive: response.live)) else { return }
        }
    }
}
