/// The forward-only steps that build one schema. Steps run in order, each in its own transaction (but for those that
/// ``Step/statementsBesideTraffic`` tells of), as the schema's owner with the schema as `search_path`; a step that has run is
/// never changed.
package struct Migrations: Sendable {
    package struct Step: Sendable, Hashable {
        /// File name without ending, `0001_contacts`; a library's steps have its name before them, `event_log/0001`.
        package var name: String
        package var sql: String

        package init(_ name: String, _ sql: String) {
            self.name = name
            self.sql = sql
        }

        /// A file that SwiftPM embeds. It writes every character that is no letter or digit as `_`, and the leading digit
        /// too, so `Database/0001_contacts.sql` is `.init("0001_contacts", PackageResources._001_contacts_sql)`.
        package init(_ name: String, _ file: [UInt8]) {
            self.init(name, String(decoding: file, as: UTF8.self))
        }

        /// The first line of a step that builds or drops indexes of a table that is in use.
        package static let besideTraffic = "-- Beside the traffic: outside a transaction."

        /// The statements of a step that begins with the line ``besideTraffic``, else nil. They run one by one, each by itself,
        /// which `create index concurrently` asks for: it keeps no writer waiting. Each says `if not exists` or `if exists`, for
        /// a process may die between two of them, and the next one begins the step anew. Each ends with a semicolon at the end
        /// of a line.
        var statementsBesideTraffic: [String]? {
            guard sql.hasPrefix(Self.besideTraffic) else { return nil }
            return sql.split(separator: ";\n").map(String.init)
        }

        /// What steps are ordered within: the part before the slash.
        var component: Substring {
            name.firstIndex(of: "/").map { name[..<$0] } ?? ""
        }
    }

    /// `contacts`; the roles are `contacts_owner` and `contacts_runtime`.
    package var schema: String
    package var steps: [Step]

    package init(schema: String, _ steps: [Step]) {
        precondition(SQL.isIdentifier(schema), "not a plain SQL identifier")
        precondition(Set(steps.map(\.name)).count == steps.count, "two steps of one name")
        self.schema = schema
        self.steps = steps
    }
}

/// Why a schema cannot be brought up to date; nothing has been changed.
package enum MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A step that has run has another text now. Steps are forward-only: write a new one.
    case changed(step: String)
    /// A step stands before one that has run already.
    case outOfOrder(step: String, appliedBefore: String)
    /// Another process has been migrating the schema for two minutes.
    case busy(schema: String)

    package var description: String {
        switch self {
        case .changed(let step): "step \(step) has run with another text; a step is never changed, write a new one"
        case .outOfOrder(let step, let applied): "step \(step) has not run, but \(applied) behind it has"
        case .busy(let schema): "another process has been migrating \(schema) for two minutes: wait for its end and try again"
        }
    }
}
