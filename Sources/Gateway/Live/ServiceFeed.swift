import GRPC
import Logging
import ServiceLifecycle

/// The one Watch of a service that this process holds, handed to every browser that listens.
struct ServiceFeed: ServiceLifecycle.Service {
    let source: any FeedSource
    let feed: LiveFeed<FeedEvent>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do {
                    try await follow { backoff.reset() }
                } catch {
                    let code = (error as? RPCError)?.code
                    logger.info(
                        "a service's stream broke off",
                        metadata: ["service": "\(source.name)", "code": "\(code.map { "\($0)" } ?? "none")"])
                    // After a restore for example: whoever listens reads his lists anew.
                    if code == .outOfRange { feed.restart(source.name) }
                }
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    private func follow(_ hasCome: () -> Void) async throws {
        try await source.follow(after: feed.cursors[source.name], tenantID: nil) { step in
            hasCome()
            if let typing = step.typing {
                feed.mention(tenantID: typing.tenantID) { FeedEvent(.typing(typing), of: source.name, cursor: "") }
            } else if let news = step.news {
                feed.publish(source.name, tenantID: news.tenantID, cursor: step.cursor) {
                    FeedEvent(news, of: source.name, cursor: step.cursor)
                }
            } else if !step.cursor.isEmpty {
                feed.advance(source.name, to: step.cursor)
            }
            return true
        }
    }
}
