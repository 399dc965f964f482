import HTTP2
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 whose requests are served on the event loop of their connection, as gRPC's calls are: none changes threads on its
/// way from the socket and back.
struct EventLoopChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopTaskExecutor.of(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
