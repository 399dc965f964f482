package import Logging

/// What the platform prepares before a service can migrate (P1): its schema, its two roles and their grants. Repeatable.
package struct Bootstrap: Sendable {
    package var schema: String
    /// `nil` leaves the role without a password, for clusters that trust their socket.
    package var ownerPassword: String?
    package var runtimePassword: String?

    package init(schema: String, ownerPassword: String? = nil, runtimePassword: String? = nil) {
        precondition(SQL.isIdentifier(schema), "not a plain SQL identifier")
        self.schema = schema
        self.ownerPassword = ownerPassword
        self.runtimePassword = runtimePassword
    }

    /// Runs as an administrator of the database: a superuser, or a role that may create roles and schemas.
    package func apply(administratorURL: String, logger: Logger) async throws {
        try await BlockingSession.use(administratorURL) { session in
            try session.query("select pg_advisory_lock(hashtextextended('switchboard.bootstrap', 0))")
            try createRole(owner, password: ownerPassword, session)
            try createRole(runtime, password: runtimePassword, session)
            try session.transaction {
                try closeDatabase(session)
                try createSchema(session)
            }
        }
        logger.info("bootstrapped", metadata: ["schema": "\(schema)"])
    }

    private var owner: String { schema + "_owner" }
    private var runtime: String { schema + "_runtime" }

    private func createRole(_ name: String, password: String?, _ session: BlockingSession) throws {
        let exists = try session.query("select from pg_roles where rolname = \(name)").count > 0
        do {
            if !exists { try session.query("create role \(identifier: name) login noinherit") }
        } catch let error as PostgresError where [.duplicateObject, .uniqueViolation].contains(error.sqlState) {
            // Roles belong to the whole cluster: somebody made it for another database at this moment.
        }
        guard let password else { return }
        // A role's password is no expression, so it cannot be a parameter: the server quotes the verifier for us.
        let verifier = try session.verifier(ofPassword: password, role: name)
        let statement = try session.query("select format('alter role %I password %L', \(name), \(verifier))")
        try session.execute(script: try statement[0].decode(String.self))
    }

    /// Nobody reaches the database, or makes objects in it, but by a grant.
    private func closeDatabase(_ session: BlockingSession) throws {
        let name = try session.query("select format('%I', current_database())")[0].decode(String.self)
        try session.execute(
            script: """
                revoke all on database \(name) from public;
                revoke create on schema public from public;
                grant connect on database \(name) to \(owner), \(runtime);
                """)
    }

    private func createSchema(_ session: BlockingSession) throws {
        let isSuperuser = try session.query("select rolsuper from pg_roles where rolname = current_user")[0].decode(Bool.self)
        if !isSuperuser { try session.query("grant \(identifier: owner) to current_user") }
        try session.execute(
            script: """
                create schema if not exists \(schema) authorization \(owner);
                revoke all on schema \(schema) from public;
                grant usage on schema \(schema) to \(runtime);

                -- What the owner creates later, the service may use; it never owns a table, so row-level security holds.
                alter default privileges for role \(owner) in schema \(schema)
                    grant select, insert, update, delete on tables to \(runtime);
                alter default privileges for role \(owner) in schema \(schema)
                    grant usage, select on sequences to \(runtime);
                alter default privileges for role \(owner) in schema \(schema)
                    grant execute on functions to \(runtime);
                alter default privileges for role \(owner)
                    revoke execute on functions from public;
                """)
    }
}
