import HTTP2

/// When a streaming call lets its peer send more: what the reader has taken is given back, and what belongs to a message
/// still under way only while no complete one waits. So a reader that stops holds at most the stream's window.
final class StreamCredit: @unchecked Sendable {
    private let stream: HTTP2Stream
    private let executor: EventLoopTaskExecutor
    /// Arrived and not given back. On the event loop only.
    @exclusivity(unchecked) private var owed = 0

    init(_ stream: HTTP2Stream, _ executor: EventLoopTaskExecutor) {
        self.stream = stream
        self.executor = executor
    }

    /// On the event loop.
    func arrived(_ count: Int, queueIsEmpty: Bool) {
        owed += count
        if queueIsEmpty { giveBack(owed) }
    }

    /// A queued message of `bytes` was taken. From anywhere.
    func taken(_ bytes: Int, isEmpty: Bool) {
        guard executor.eventLoop.inEventLoop else { return executor.perform { [self] in taken(bytes, isEmpty: isEmpty) } }
        giveBack(isEmpty ? owed : min(owed, bytes + MessageFrame.prefixBytes))
    }

    private func giveBack(_ count: Int) {
        guard count > 0 else { return }
        owed -= count
        stream.took(count)
    }
}
