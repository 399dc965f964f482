import Synchronization

/// Whether a connection has room for more bytes that wait, and who waits for it.
final class SendBudget: Sendable {
    private struct State {
        var isFull = false
        var blocked: [ObjectIdentifier: SendGate] = [:]
    }

    private let state = Mutex(State())

    var isFull: Bool { state.withLock { $0.isFull } }

    /// The connection says how it stands.
    func set(isFull: Bool) {
        let gates = state.withLock { state in
            state.isFull = isFull
            guard !isFull else { return [SendGate]() }
            defer { state.blocked = [:] }
            return Array(state.blocked.values)
        }
        for gate in gates { gate.reconsider() }
    }

    /// Lets the gate know when there is room. False when there is room now.
    func block(_ gate: SendGate) -> Bool {
        state.withLock { state in
            if state.isFull { state.blocked[ObjectIdentifier(gate)] = gate }
            return state.isFull
        }
    }
}
