/// A statement as a server is asked to prepare it.
package struct StatementText: Sendable, Hashable {
    /// With `$1`, `$2` ... for its parameters.
    package var text: String
    /// Of its parameters, in their order.
    package var types: [PostgresType]

    package init(text: String, types: [PostgresType]) {
        self.text = text
        self.types = types
    }
}

extension Administration {
    /// Prepares each statement and runs none.
    /// - Returns: those that the schema no longer bears, each with what the server says.
    package static func unpreparable(
        _ statements: [StatementText], url: String
    ) async throws -> [(statement: StatementText, error: PostgresError)] {
        try await BlockingSession.use(url) { session in
            statements.compactMap { statement in
                do {
                    try session.prepare(statement)
                    return nil
                } catch let error as PostgresError {
                    return (statement, error)
                } catch {
                    return (statement, PostgresError(.internalError, message: "\(error)"))
                }
            }
        }
    }
}
