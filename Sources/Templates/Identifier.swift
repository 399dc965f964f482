import FoundationEssentials
import Postgres
import ServiceRuntime

/// The id of one kind of thing: a snippet's id is never taken for a template's. In the database a `uuid`, on the wire its text in
/// lower case.
struct Identifier<Subject>: Hashable, Sendable {
    let uuid: UUID

    init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// `nil` unless the text is a UUID of 36 characters (RFC 9562).
    init?(_ text: String) {
        guard let uuid = UUID(id: text) else { return nil }
        self.uuid = uuid
    }
}

typealias TemplateID = Identifier<Template>
typealias SnippetID = Identifier<Snippet>

extension Identifier: CustomStringConvertible {
    var description: String { uuid.text }
}

extension Identifier: PostgresEncodable {
    static var postgresType: PostgresType { UUID.postgresType }
    var postgresParameter: PostgresParameter { uuid.postgresParameter }
}

extension Identifier: PostgresDecodable {
    init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        self.init(try UUID(postgres: cell))
    }
}
