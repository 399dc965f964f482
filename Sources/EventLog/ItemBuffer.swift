internal import Synchronization

/// A bounded queue between one that reads and one that applies: the reader waits while it is full, and the applier takes all
/// that has gathered.
final class ItemBuffer<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        /// Set once nothing more comes.
        var end: Result<Void, any Error>?
        var taker: CheckedContinuation<Void, Never>?
        var putter: CheckedContinuation<Void, Never>?
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Waits while the buffer is full.
    func put(_ item: Item) async throws {
        try await wait(\.putter) { $0.items.count < self.countMax }
        state.withLock { state in
            state.items.append(item)
            return state.taker.take()
        }?.resume()
    }

    func end(throwing error: (any Error)? = nil) {
        state.withLock { state in
            state.end = error.map { .failure($0) } ?? .success(())
            return state.taker.take()
        }?.resume()
    }

    /// Waits for items and takes up to `limit`; `nil` behind the last one.
    /// - Throws: what ended the items, once they are all taken.
    func take(_ limit: Int) async throws -> [Item]? {
        try await wait(\.taker) { !$0.items.isEmpty || $0.end != nil }
        let (items, putter, end) = state.withLock { state in
            let items = Array(state.items.prefix(limit))
            state.items.removeFirst(items.count)
            return (items, state.putter.take(), state.end)
        }
        putter?.resume()
        guard items.isEmpty else { return items }
        try end?.get()
        return nil
    }

    /// Waits until the condition holds; one waits at a place at a time.
    private func wait(
        _ place: WritableKeyPath<State, CheckedContinuation<Void, Never>?> & Sendable,
        _ condition: @escaping @Sendable (State) -> Bool
    ) async throws {
        while true {
            try Task.checkCancellation()
            if state.withLock({ condition($0) }) { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let goesOn = state.withLock { state in
                        guard !condition(state), !Task.isCancelled else { return true }
                        state[keyPath: place] = continuation
                        return false
                    }
                    if goesOn { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0[keyPath: place].take() }?.resume()
            }
        }
    }
}
