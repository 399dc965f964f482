/// The forward-only steps that build one schema. Steps run in order, each in its own transaction, as the schema's owner with
/// the schema as `search_path`; a step that has run is never changed.
package struct Migrations: Sendable {
    package struct Step: Sendable {
        /// File name without ending, `0001_contacts`; libraries put a prefix before it, `event_log/0001`.
        package var name: String
        package var sql: String

        package init(_ name: String, _ sql: String) {
            self.name = name
            self.sql = sql
        }

        /// A file embedded by SwiftPM: `.init("0001_contacts", PackageResources._0001_contacts_sql)`.
        package init(_ name: String, _ file: [UInt8]) {
            self.init(name, String(decoding: file, as: UTF8.self))
        }
    }

    /// `contacts`; the roles are `contacts_owner` and `contacts_runtime`.
    package var schema: String
    package var steps: [Step]

    package init(schema: String, _ steps: [Step]) {
        self.schema = schema
        self.steps = steps
    }
}
