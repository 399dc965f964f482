import Foundation
import Logging
import Postgres
import PostgresTesting
import Testing
import Trials

@Test func everyConnectionHasItsTimeouts() async throws {
    try await withPool({ configuration in
        configuration.statementTimeout = .seconds(7)
        configuration.lockTimeout = .milliseconds(50)
        configuration.idleInTransactionTimeout = .milliseconds(300)
    }) { pool, _ in
        let names = [
            "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "client_connection_check_interval",
        ]
        let values = try await pool.query("select current_setting(name) from unnest(\(names)) name").map {
            try $0.decode(String.self)
        }
        #expect(values == ["7s", "50ms", "300ms", "2s"])

        try await pool.query("insert into first.note (id, text) values (\(1), \("a"))")
        try await pool.transaction { holder in
            try await holder.query("update first.note set text = 'b'")
            let error = await postgresError { try await pool.query("update first.note set text = 'c'") }
            #expect(error?.sqlState == .lockNotAvailable && error?.category == .conflict)
        }
        // A caller that falls asleep in its transaction loses it, and its locks with it.
        let error = await postgresError {
            try await pool.transaction(.init(attemptsMax: 1)) { sleeper in
                try await sleeper.query("update first.note set text = 'd'")
                try await eventually { pool.connectionCount - pool.idleCount == 0 }
                try await sleeper.query("select 1")
            }
        }
        #expect(error?.category == .unavailable)
        #expect(try await pool.query("select text from first.note")[0].decode(String.self) == "b")
    }
}

/// The server learns a verifier of each password, never the password itself, not even in its log.
@Test func P1_passwordsAreSentAsVerifiersAndOpenTheDoor() async throws {
    let schema = Migrations(schema: "secretive", [])
    let password = "pass-\(UUID().uuidString)'%L"
    try await withTestDatabase(migrating: schema) { database in
        let cluster = database.cluster
        let administrator = cluster.administratorURL()
        try await Administration.execute(script: "alter system set log_statement = 'all'", url: administrator)
        let rules = cluster.socketDirectory + "/data/pg_hba.conf"
        let trusting = try String(contentsOfFile: rules, encoding: .utf8)
        let handle = try FileHandle(forUpdating: URL(filePath: rules))
        try handle.write(contentsOf: Data(("host all secretive_runtime 127.0.0.1/32 scram-sha-256\n" + trusting).utf8))
        try await Administration.execute(script: "select pg_reload_conf()", url: administrator)
        try await Bootstrap(schema: "secretive", runtimePassword: password).apply(
            administratorURL: database.administratorURL, logger: .quiet)
        try await database.withAdministrator { administrator in
            let kept = try await administrator.query("select rolpassword from pg_authid where rolname = 'secretive_runtime'")[0]
            #expect(try kept.decode(String.self).hasPrefix("SCRAM-SHA-256$4096:"))
        }
        func canEnter(_ password: String) async throws -> Bool {
            let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
            let url = "postgresql://secretive_runtime:\(escaped)@127.0.0.1:\(cluster.port)/\(database.name)"
            return await postgresError { try await Administration.execute(script: "select 1", url: url) } == nil
        }
        try await eventually { try await !canEnter("wrong") }
        #expect(try await canEnter(password))
        let log = try String(contentsOfFile: cluster.socketDirectory + "/data/server.log", encoding: .utf8)
        #expect(log.contains("secretive_runtime") && !log.contains(password.prefix(20)))
        try await Administration.execute(script: "alter system reset log_statement", url: administrator)
        try await Administration.execute(script: "select pg_reload_conf()", url: administrator)
    }
}
