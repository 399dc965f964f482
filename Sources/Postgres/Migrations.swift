/// The forward-only steps that build one schema. Steps run in order, each in its own transaction, as the schema's owner with
/// the schema as `search_path`; a step that has run is never changed.
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

    package var description: String {
        switch self {
        case .changed(let step): "step \(step) has run with another text; a step is never changed, write a new one"
        case .outOfOrder(let step, let applied): "step \(step) has not run, but \(applied) behind it has"
        }
    }
}
