import Synchronization

/// The port a listener was given, for those who wait to learn it.
final class BoundPort: Sendable {
    private struct State {
        var port: Int?
        var waiting: [CheckedContinuation<Int, Never>] = []
    }

    private let state = Mutex(State())

    /// Tells the port. Only the first time counts; 0 says that there will be none.
    func set(_ port: Int) {
        let waiting = state.withLock { state in
            guard state.port == nil else { return [CheckedContinuation<Int, Never>]() }
            state.port = port
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: port) }
    }

    func value() async -> Int {
        await withCheckedContinuation { continuation in
            let port = state.withLock { state -> Int? in
                if state.port == nil { state.waiting.append(continuation) }
                return state.port
            }
            if let port { continuation.resume(returning: port) }
        }
    }
}
