import ContactsV1
import ConversationsV1
import GRPC
import RoutingV1
import ServiceRuntime
import TicketsV1

/// The log of one service, as its Watch streams it.
struct ServiceLog<Response: Sendable>: FeedSource {
    let service: NewsService
    /// Opens the Watch behind a cursor; nil begins at the present.
    private let watch: @Sendable (_ cursor: String?, _ tenantID: String?, CallOptions) -> ResponseStream<Response>
    private let step: @Sendable (Response) -> FeedStep

    func follow(after cursor: String?, tenantID: String?, _ each: (FeedStep) async throws -> Bool) async throws {
        var options = CallOptions(waitForReady: tenantID == nil)
        if let tenantID { options.metadata.add(tenantID, for: ServiceCredentials.tenantMetadata) }
        for try await response in watch(cursor, tenantID, options) {
            guard try await each(step(response)) else { return }
        }
    }
}

extension ServiceLog<ConversationsV1.WatchResponse> {
    init(_ client: ConversationsServiceClient) {
        service = .conversations
        watch = { cursor, tenantID, options in
            let filter = tenantID.map { WatchFilter(tenantID: $0) }
            // A replay has nothing of who types: that is told to whoever listens now, by the one Watch for all.
            return client.watch(
                .init(
                    afterCursor: cursor ?? "", liveOnly: cursor == nil, filter: filter, withTyping: tenantID == nil), options)
        }
        step = {
            FeedStep(
                cursor: $0.cursor, news: $0.event.map { .conversation($0) }, typing: $0.typing, isLive: $0.live)
        }
    }
}

extension ServiceLog<ContactsV1.WatchResponse> {
    init(_ client: ContactsServiceClient) {
        service = .contacts
        watch = { cursor, _, options in client.watch(.init(afterCursor: cursor ?? "", liveOnly: cursor == nil), options) }
        step = { FeedStep(cursor: $0.cursor, news: $0.event.map { .contact($0) }, isLive: $0.live) }
    }
}

extension ServiceLog<TicketsV1.WatchResponse> {
    init(_ client: TicketsServiceClient) {
        service = .tickets
        watch = { cursor, _, options in client.watch(.init(afterCursor: cursor ?? "", liveOnly: cursor == nil), options) }
        step = { FeedStep(cursor: $0.cursor, news: $0.event.map { .ticket($0) }, isLive: $0.live) }
    }
}

extension ServiceLog<RoutingV1.WatchResponse> {
    init(_ client: RoutingServiceClient) {
        service = .routing
        watch = { cursor, _, options in client.watch(.init(afterCursor: cursor ?? "", liveOnly: cursor == nil), options) }
        step = { FeedStep(cursor: $0.cursor, news: $0.event.map { .routing($0) }, isLive: $0.live) }
    }
}
