import CLibPQ

/// A connection for administration, where order matters more than time: each call blocks. It stays on the thread of `use`.
final class BlockingSession {
    private let raw: OpaquePointer

    private init(_ opened: OpenedConnection) {
        raw = opened.pointer
    }

    deinit {
        PQfinish(raw)
    }

    /// Opens a session on a thread of its own and closes it when the body is done.
    static func use<Answer: Sendable>(
        _ url: String, _ body: @escaping @Sendable (BlockingSession) throws -> Answer
    ) async throws -> Answer {
        var configuration = PostgresConfiguration(url: url, applicationName: "switchboard-administration")
        // Building an index may take its time.
        configuration.statementTimeout = .zero
        configuration.lockTimeout = .zero
        configuration.idleInTransactionTimeout = .zero
        return try await BlockingWork.run { [configuration] in
            try body(BlockingSession(try OpenedConnection.open(configuration)))
        }
    }

    /// Runs a script of any number of statements. PQexec
    func execute(script: String) throws {
        _ = try check(PQexec(raw, script))
    }

    /// PQexecParams
    @discardableResult
    func query(_ sql: SQL) throws -> Rows {
        let text = sql.text
        return try check(
            ParameterBlock(sql.parameters).with { count, types, values, lengths, formats in
                PQexecParams(raw, text, count, types, values, lengths, formats, 1)
            })
    }

    /// PQprepare
    func prepare(_ statement: StatementText) throws {
        _ = try check(
            PQprepare(raw, "", statement.text, Int32(statement.types.count), statement.types.map(\.rawValue)))
    }

    /// What the server keeps of a role's password, made here (SCRAM-SHA-256, RFC 5802): the password itself is never sent.
    /// PQencryptPasswordConn
    func verifier(ofPassword password: String, role: String) throws -> String {
        guard let verifier = PQencryptPasswordConn(raw, password, role, "scram-sha-256") else {
            throw PostgresError(.internalError, message: String(cString: PQerrorMessage(raw)))
        }
        defer { PQfreemem(verifier) }
        return String(cString: verifier)
    }

    /// In a transaction of its own; rolled back when the body throws.
    func transaction(_ body: () throws -> Void) throws {
        try query("begin")
        do {
            try body()
            try query("commit")
        } catch {
            _ = try? query("rollback")
            throw error
        }
    }

    private func check(_ pointer: OpaquePointer?) throws -> Rows {
        guard let pointer else {
            throw PostgresError(.connectionFailure, message: String(cString: PQerrorMessage(raw)))
        }
        let result = PostgresResult(pointer)
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return Rows(result: result)
        default: throw result.error
        }
    }
}
