import Synchronization

/// Which agents have a live stream open here. Routing hears of each of them for as long as one of his streams lasts (C35).
final class Attendance: Sendable {
    struct Agent: Sendable, Hashable {
        var tenantID: String
        var agentID: String
    }

    private struct State {
        var streams: [Agent: Int] = [:]
        var reasons: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    var present: [Agent] { state.withLock { Array($0.streams.keys) } }

    func enter(_ agent: Agent) {
        state.withLock { state in
            state.streams[agent, default: 0] += 1
            state.reasons?.yield()
        }
    }

    func leave(_ agent: Agent) {
        state.withLock { state in
            guard let count = state.streams[agent] else { return }
            state.streams[agent] = count > 1 ? count - 1 : nil
        }
    }

    /// Something comes at once, whenever somebody has entered, and when it is said that it is time; several may come as one.
    /// For one listener at a time.
    func reasonsToTell() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.reasons = continuation }
        continuation.yield()
        return stream
    }

    func itIsTime() { state.withLock { _ = $0.reasons?.yield() } }
}
