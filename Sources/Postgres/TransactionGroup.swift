import Synchronization

/// One transaction on one connection for several callers: what their bodies ask for in the same round travels in one pipeline,
/// and one COMMIT ends all of them. Whoever comes last in a round sends for all.
///
/// Where anything fails, whoever's fault it is, all of it is rolled back, and every member begins anew by himself: none is
/// judged by what another one left undone.
final class TransactionGroup: Sendable {
    /// What a member leaves for the end.
    struct Ending {
        var settings: [String: String]
        var lastStatements: [SQL]
        var collections: [String: Transaction.Collection]
    }

    /// What a member that waited is to do.
    private enum Turn {
        case answered([Rows])
        /// Send the round for all that wait.
        case sends
        case commits
        case committed
    }

    private typealias Waiter = CheckedContinuation<Turn, any Error>

    private struct Question {
        var settings: [String: String]
        var statements: [SQL]
        var waiter: Waiter?
    }

    private struct State {
        var connection: Connection?
        /// Members whose bodies run, and who will ask or end.
        var working: Int
        var questions: [Question] = []
        var endings: [(ending: Ending, waiter: Waiter?)] = []
        var hasBegun = false
        /// The connection is the sender's, who gives it back if the group comes apart meanwhile.
        var isSending = false
        var isCommitting = false
        var isOver = false

        /// The next one to go, where all wait.
        mutating func next() -> (Waiter, Turn)? {
            guard working == 0, !isOver else { return nil }
            if !questions.isEmpty {
                isSending = true
                defer { questions[questions.count - 1].waiter = nil }
                return questions[questions.count - 1].waiter.map { ($0, .sends) }
            }
            isCommitting = true
            defer { endings[endings.count - 1].waiter = nil }
            return endings[endings.count - 1].waiter.map { ($0, .commits) }
        }

        /// Who waits still, and the connection, unless somebody sends on it.
        mutating func end() -> (waiters: [Waiter], connection: Connection?) {
            isOver = true
            return (questions.compactMap(\.waiter) + endings.compactMap(\.waiter), isSending ? nil : connection.take())
        }
    }

    /// The group came apart before its COMMIT: nothing of it has happened.
    struct Dissolved: Error {}

    private let pool: PostgresPool
    private let state: Mutex<State>
    private let onEnd: @Sendable () -> Void

    /// - Parameter onEnd: called once, from any thread, when the group needs its connection no longer.
    init(_ pool: PostgresPool, members: Int, onEnd: @escaping @Sendable () -> Void) {
        self.pool = pool
        self.onEnd = onEnd
        state = Mutex(State(working: members))
    }

    // MARK: - For members

    /// The answers to a member's statements, once all members have asked or ended.
    func run(_ statements: [SQL], _ settings: [String: String]) async throws -> [Rows] {
        let turn = try await wait { state, waiter in
            state.questions.append(Question(settings: settings, statements: statements, waiter: waiter))
        }
        guard case .answered(let rows) = turn else { return try await sendRound() }
        return rows
    }

    /// Returns once all members have ended and all of it is committed.
    func commit(_ ending: Ending) async throws {
        let turn = try await wait { state, waiter in state.endings.append((ending, waiter)) }
        if case .commits = turn { try await sendCommit() }
    }

    /// Takes everything back, unless COMMIT is on its way: a member failed, or goes on no longer.
    func dissolve() {
        let ended = state.withLock { state in state.isOver || state.isCommitting ? nil : state.end() }
        if let ended { release(ended) { $0.resume(throwing: Dissolved()) } }
    }

    // MARK: -

    private func wait(_ enter: (inout State, Waiter) -> Void) async throws -> Turn {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let (isOver, next) = state.withLock { state -> (Bool, (Waiter, Turn)?) in
                    guard !state.isOver else { return (true, nil) }
                    state.working -= 1
                    enter(&state, waiter)
                    return (false, state.next())
                }
                if isOver { waiter.resume(throwing: Dissolved()) }
                if let (chosen, turn) = next { chosen.resume(returning: turn) }
                if Task.isCancelled { dissolve() }
            }
        } onCancel: {
            dissolve()
        }
    }

    /// Sends what all have asked for; the round's last is the one who sends.
    private func sendRound() async throws -> [Rows] {
        do {
            let connection = try await connection()
            let (questions, begins) = state.withLock { state in
                defer { state.hasBegun = true }
                return (state.questions, !state.hasBegun)
            }
            var batch = Batch(begins: begins)
            let places = questions.map { batch.add($0.statements, $0.settings) }
            let outcome = try await pool.run(batch.statements, on: connection)
            guard outcome.error == nil, stopSending({ $0.working = questions.count }) else { throw Dissolved() }
            for (question, place) in zip(questions, places) {
                question.waiter?.resume(returning: .answered(Array(outcome.results[place])))
            }
            return Array(outcome.results[places[questions.count - 1]])
        } catch {
            dissolve()
            _ = stopSending { _ in }
            throw error
        }
    }

    /// - Returns: whether the group goes on.
    private func stopSending(_ goOn: (inout State) -> Void) -> Bool {
        let (isOver, connection) = state.withLock { state -> (Bool, Connection?) in
            state.isSending = false
            guard state.isOver else {
                state.questions = []
                goOn(&state)
                return (false, nil)
            }
            return (true, state.connection.take())
        }
        if let connection { pool.giveBack(connection) }
        return !isOver
    }

    /// Sends what is kept for the end, and COMMIT behind it. Nobody's cancellation stops it: it is for all.
    private func sendCommit() async throws {
        let (endings, taken, hasBegun) = state.withLock { ($0.endings.map(\.ending), $0.connection, $0.hasBegun) }
        // Nobody asked for anything, so there is no connection; what was kept for the end is sent all the same.
        let connection: Connection
        do {
            connection = if let taken { taken } else { try await self.connection() }
        } catch {
            finish { $0.resume(throwing: Dissolved()) }
            throw Dissolved()
        }
        var batch = Batch(begins: !hasBegun)
        for ending in endings { batch.add(ending) }
        batch.commit(endings.flatMap { $0.collections.map { ($0.key, $0.value) } })
        pool.metrics.statements.increment(by: batch.statements.count)
        let outcome = await withCheckedContinuation { waiter in
            connection.start(batch.statements) { waiter.resume(returning: $0) }
        }
        if outcome.error == nil, outcome.results.last?.result.commandTag == "COMMIT" {
            return finish { $0.resume(returning: .committed) }
        }
        let failure: any Error =
            if let error = outcome.error, outcome.mayHaveCommitted { PostgresError.outcomeUnknown(error) } else { Dissolved() }
        finish { $0.resume(throwing: failure) }
        throw failure
    }

    private func connection() async throws -> Connection {
        if let connection = state.withLock({ $0.connection }) { return connection }
        let connection = try await pool.acquire()
        // Should the group be over by now, whoever sends gives it back.
        state.withLock { $0.connection = connection }
        return connection
    }

    private func finish(_ resume: (Waiter) -> Void) {
        release(state.withLock { $0.end() }, resume)
    }

    private func release(_ ended: (waiters: [Waiter], connection: Connection?), _ resume: (Waiter) -> Void) {
        // Rolls back first what was not committed.
        if let connection = ended.connection { pool.giveBack(connection) }
        onEnd()
        ended.waiters.forEach(resume)
    }
}

/// What one pipeline carries for several members: each one's statements under his settings.
private struct Batch {
    private(set) var statements: [Connection.Statement] = []
    private var settings: [String: String]?

    init(begins: Bool) {
        if begins { append("begin") }
    }

    private mutating func append(_ sql: SQL) { statements.append(Connection.Statement(sql)) }

    private mutating func apply(_ settings: [String: String]) {
        guard settings != self.settings, !settings.isEmpty else { return }
        self.settings = settings
        append(PostgresPool.apply(settings))
    }

    /// - Returns: where the answers stand.
    mutating func add(_ statements: [SQL], _ settings: [String: String]) -> Range<Int> {
        apply(settings)
        let start = self.statements.count
        statements.forEach { append($0) }
        return start..<self.statements.count
    }

    mutating func add(_ ending: TransactionGroup.Ending) {
        let own = ending.collections.filter { !$0.value.isForAll }.sorted { $0.key < $1.key }
        let last = ending.lastStatements + own.flatMap { $0.value.statements($0.value.elements) }
        if !last.isEmpty { _ = add(last, ending.settings) }
    }

    /// What all have gathered for the same logs goes together, by key, so that all transactions lock in the same order.
    mutating func commit(_ collections: [(key: String, value: Transaction.Collection)]) {
        let common = collections.filter(\.value.isForAll)
        for (_, parts) in Dictionary(grouping: common, by: \.key).sorted(by: { $0.key < $1.key }) {
            parts[0].value.statements(parts.flatMap(\.value.elements)).forEach { append($0) }
        }
        append("commit")
        statements[statements.count - 1].isCommit = true
    }
}
