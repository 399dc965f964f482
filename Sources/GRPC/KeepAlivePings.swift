import HTTP2
import NIOCore

/// Sends PING on a connection at an interval, and says when no answer comes. Lives on the connection's event loop.
final class KeepAlivePings: @unchecked Sendable {
    private let timeout: TimeAmount
    private let eventLoop: any EventLoop
    private var send: (() -> Bool)?
    private var onSilence: (() -> Void)?
    private var timer: RepeatedTask?
    /// Runs out unless the PING under way is answered.
    private var answerTimer: Scheduled<Void>?

    /// The payload of these PING frames.
    static let payload: UInt64 = 0x6b65_6570_616c_6976

    /// `send` sends a PING, or returns false where there is no need for one.
    init(
        _ keepAlive: KeepAlive, on eventLoop: any EventLoop, send: @escaping () -> Bool, onSilence: @escaping () -> Void
    ) {
        timeout = TimeAmount(keepAlive.timeout)
        self.eventLoop = eventLoop
        self.send = send
        self.onSilence = onSilence
        let interval = TimeAmount(keepAlive.interval)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.ping() }
    }

    private func ping() {
        guard answerTimer == nil, let send, send() else { return }
        answerTimer = eventLoop.scheduleTask(in: timeout) { self.onSilence?() }
    }

    /// A PING was answered.
    func answered() {
        answerTimer?.cancel()
        answerTimer = nil
    }

    func stop() {
        timer?.cancel()
        answerTimer?.cancel()
        (send, onSilence) = (nil, nil)
    }
}

/// PING frames that tell a dead connection from a quiet one.
public struct KeepAlive: Sendable {
    /// The time between PING frames. A client's is at least 10 seconds.
    public internal(set) var interval: Duration
    /// How long an answer may take before the connection is closed.
    public var timeout: Duration = .seconds(10)
    /// Whether a client also sends them while it has no call; servers do in any case.
    public var withoutCalls = false

    /// Intervals shorter than 10 seconds count as 10 seconds. Source: gRPC, A8.
    public init(interval: Duration) { self.interval = max(interval, .seconds(10)) }
}
