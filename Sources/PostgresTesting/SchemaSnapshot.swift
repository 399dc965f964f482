import Foundation
import Glibc

extension TestDatabase {
    /// A schema as text: pg_dump's, without comments, settings and the months of partitioned tables, whose names change with
    /// the calendar.
    package func schemaSnapshot(of schema: String) throws -> String {
        let answer = try Pipe()
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(nothing) }
        let child = try spawn(
            [
                "\(cluster.binaries)/pg_dump", "--schema-only", "--schema=\(schema)", "--exclude-table=\(schema).*_y2*m*",
                "--no-comments", administratorURL,
            ], input: nothing, output: answer.write)
        close(answer.write)
        let text = readAll(answer.read)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw TestClusterError(reason: "pg_dump failed") }
        return Self.normalised(text)
    }

    /// P5: what is not as it must be of a service's schema, as migrated: it differs from its snapshot in the tree, or does not
    /// bear a statement of the last release.
    package func schemaFindings(of service: String) async throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../\(service.capitalized)/Database/schema.sql")
        let difference = try schemaDifference(of: service, from: file.standardized.path)
        return try await [difference].compactMap(\.self) + brokenStatements(of: service)
    }

    /// The tables that show their rows to every tenant, in the order of their names, without the months of partitioned ones.
    package func tablesWithoutRowSecurity(of schema: String) async throws -> [String] {
        try await withAdministrator { pool in
            try await pool.query(
                """
                select table_class.relname
                from pg_class table_class
                join pg_namespace space on space.oid = table_class.relnamespace
                where space.nspname = \(schema) and table_class.relkind in ('r', 'p')
                    and not (table_class.relrowsecurity and table_class.relforcerowsecurity)
                    and not table_class.relispartition
                order by 1
                """
            ).map { try $0.decode(String.self) }
        }
    }

    /// Compares a schema with its snapshot in the tree. With `SWITCHBOARD_WRITE_SNAPSHOTS=1` in the environment the file is
    /// written instead.
    /// - Parameter file: such as `#filePath` with the last component replaced.
    /// - Returns: `nil` where they agree, else the first line that differs.
    package func schemaDifference(of schema: String, from file: String) throws -> String? {
        let snapshot = try schemaSnapshot(of: schema)
        if getenv("SWITCHBOARD_WRITE_SNAPSHOTS") != nil { try write(snapshot, to: file) }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "there is no snapshot at \(file)" }
        let kept = readAll(descriptor)
        guard kept != snapshot else { return nil }
        let lines = (kept.split(separator: "\n"), snapshot.split(separator: "\n"))
        let line = zip(lines.0, lines.1).first { $0 != $1 }
        return "snapshot: \(line?.0 ?? "(\(lines.0.count) lines)"), database: \(line?.1 ?? "(\(lines.1.count) lines)")"
    }

    private static func normalised(_ dump: String) -> String {
        let lines = dump.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            // \restrict and \unrestrict carry a random key (PostgreSQL 15.14 and later).
            !line.hasPrefix("--") && !line.hasPrefix("SET ") && !line.hasPrefix("SELECT pg_catalog.set_config")
                && !line.hasPrefix("\\")
        }
        var kept: [Substring] = []
        for line in lines where !(line.isEmpty && kept.last?.isEmpty ?? true) { kept.append(line) }
        return kept.joined(separator: "\n") + "\n"
    }

    private func write(_ text: String, to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TestClusterError(reason: "cannot write \(file)") }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress!, $0.count) }
            guard count > 0 else { throw TestClusterError(reason: "cannot write \(file)") }
            bytes = bytes.dropFirst(count)
        }
    }
}
