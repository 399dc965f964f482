package import Logging

extension Migrations {
    /// Applies what is missing, as the schema's owner, under an advisory lock.
    package func apply(ownerURL: String, logger: Logger) async throws { fatalError("skeleton") }
}

/// What the platform prepares before a service can migrate (P1): its schema, its two roles and their grants. Repeatable.
package struct Bootstrap: Sendable {
    package var schema: String
    /// `nil` leaves the role without a password, for clusters that trust their socket.
    package var ownerPassword: String?
    package var runtimePassword: String?

    package init(schema: String, ownerPassword: String? = nil, runtimePassword: String? = nil) {
        self.schema = schema
        self.ownerPassword = ownerPassword
        self.runtimePassword = runtimePassword
    }

    /// Runs as an administrator of the database.
    package func apply(administratorURL: String, logger: Logger) async throws { fatalError("skeleton") }
}

/// The whole of a schema as text, to be compared with the snapshot in the tree.
package enum SchemaSnapshot {
    package static func render(schema: String, url: String, logger: Logger) async throws -> String { fatalError("skeleton") }
}
