/// What tests and tools do to whole databases, as a superuser.
package enum Administration {
    package static func createDatabase(_ name: String, template: String, administratorURL: String) async throws {
        try await BlockingSession.use(administratorURL) { session in
            _ = try session.query("create database \(identifier: name) template \(identifier: template)")
        }
    }

    /// Ends the sessions in it first.
    package static func dropDatabase(_ name: String, administratorURL: String) async throws {
        try await BlockingSession.use(administratorURL) { session in
            _ = try session.query("drop database if exists \(identifier: name) with (force)")
        }
    }

    /// Runs a script as given, for tests that set a scene. Never with text from outside.
    package static func execute(script: StaticString, url: String) async throws {
        try await BlockingSession.use(url) { try $0.execute(script: script.description) }
    }

    /// Refuses a server whose acknowledgement means less than durability.
    package static func expectDurable(administratorURL: String) async throws {
        try await BlockingSession.use(administratorURL) { session in
            for setting in ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"] {
                let value = try session.query("select current_setting(\(setting))")[0].decode(String.self)
                guard value == "on" else {
                    throw PostgresError(.internalError, message: "\(setting) is \(value)")
                }
            }
        }
    }
}
