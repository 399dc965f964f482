package import Logging

extension Migrations {
    /// Applies what is missing, as the schema's owner. Several processes may call it at once: one works, the others wait for
    /// it. A database that is further than this program (a newer release has been there) is left as it is.
    /// - Returns: the names of the steps that ran.
    /// - Throws: `MigrationError`, `PostgresError`. Steps before the failing one stay applied.
    @discardableResult
    package func apply(ownerURL: String, logger: Logger) async throws -> [String] {
        try await BlockingSession.use(ownerURL) { session in
            try waitForOthers(session)
            try prepareTable(session)
            let missing = try missingSteps(session)
            for step in missing {
                logger.info("migrating", metadata: ["schema": "\(schema)", "step": "\(step.name)"])
                try apply(step, session)
            }
            return missing.map(\.name)
        }
    }

    /// How often to look whether another process still migrates the same schema: for two minutes.
    private static let looksMax = 600
    /// An index that is built beside the traffic waits for transactions that began before it, and holds nobody up meanwhile.
    private static let indexTimeout = "60s"
    /// A step that waits longer for a table's lock stops the traffic behind it: rather give up and try again.
    private static let lockTimeout = "3s"
    private static let lockAttemptsMax = 10

    /// One who waited in a statement would have a snapshot, for whose end an index that is built beside the traffic waits.
    private func waitForOthers(_ session: BlockingSession) throws {
        for _ in 0..<Self.looksMax {
            let taken = try session.query(
                "select pg_try_advisory_lock(hashtextextended(\("switchboard.migration." + schema), 0))")
            if try taken[0].decode(Bool.self) { return }
            try session.query("select pg_sleep(0.2)")
        }
        throw MigrationError.busy(schema: schema)
    }

    private func prepareTable(_ session: BlockingSession) throws {
        try session.query(
            """
            create table if not exists \(identifier: schema).migration (
                name text not null,
                checksum text not null,
                apply_time timestamptz not null default clock_timestamp(),
                constraint migration_key primary key (name)
            )
            """)
        // The service may look, but only the owner writes history.
        try session.query(
            "revoke insert, update, delete, truncate on \(identifier: schema).migration from \(identifier: schema + "_runtime")")
    }

    /// Checks what has run against what is there now.
    private func missingSteps(_ session: BlockingSession) throws -> [Step] {
        let rows = try session.query("select name, checksum from \(identifier: schema).migration")
        var applied: [String: String] = [:]
        for row in rows {
            let (name, checksum) = try row.decode((String, String).self)
            applied[name] = checksum
        }
        var missing: [Step] = []
        for step in steps {
            guard let checksum = applied[step.name] else {
                missing.append(step)
                continue
            }
            guard checksum == (try self.checksum(of: step, session)) else { throw MigrationError.changed(step: step.name) }
            if let skipped = missing.first(where: { $0.component == step.component }) {
                throw MigrationError.outOfOrder(step: skipped.name, appliedBefore: step.name)
            }
        }
        return missing
    }

    private func checksum(of step: Step, _ session: BlockingSession) throws -> String {
        let rows = try session.query("select encode(sha256(convert_to(\(step.sql), 'UTF8')), 'hex')")
        return try rows[0].decode(String.self)
    }

    private func apply(_ step: Step, _ session: BlockingSession) throws {
        for attempt in 1... {
            do {
                if let statements = step.statementsBesideTraffic {
                    try run(statements, session)
                    return try record(step, session)
                }
                return try session.transaction {
                    try set(lockTimeout: Self.lockTimeout, inTransaction: true, session)
                    try session.execute(script: step.sql)
                    try record(step, session)
                }
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable && attempt < Self.lockAttemptsMax {
                continue
            }
        }
    }

    private func record(_ step: Step, _ session: BlockingSession) throws {
        try session.query(
            """
            insert into \(identifier: schema).migration (name, checksum)
            values (\(step.name), encode(sha256(convert_to(\(step.sql), 'UTF8')), 'hex'))
            """)
    }

    private func set(lockTimeout: String, inTransaction: Bool, _ session: BlockingSession) throws {
        try session.query("select set_config('search_path', \(schema), \(inTransaction))")
        try session.query("select set_config('lock_timeout', \(lockTimeout), \(inTransaction))")
    }

    private func run(_ statements: [String], _ session: BlockingSession) throws {
        try set(lockTimeout: Self.indexTimeout, inTransaction: false, session)
        // Half built by a process that died: it is there by name, and is good for nothing.
        let broken = try session.query(
            """
            select relname::text
            from pg_index join pg_class on pg_class.oid = indexrelid
            where not indisvalid and relnamespace = \(schema)::regnamespace
            """)
        for index in broken {
            try session.query("drop index concurrently if exists \(identifier: schema).\(identifier: index.decode(String.self))")
        }
        for statement in statements { try session.execute(script: statement) }
    }
}
