import FoundationEssentials
import Postgres
import ServiceRuntime

/// The id of one kind of thing: an agent's id is never taken for a department's. In the database a `uuid`, on the wire its
/// text in lower case.
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

typealias AgentID = Identifier<Agent>
typealias DepartmentID = Identifier<Department>
typealias APIKeyID = Identifier<APIKey>
typealias BotID = Identifier<BotSubject>
typealias ConversationID = Identifier<ServedConversation>

/// What a bot's id names: the subject of its tokens.
enum BotSubject {}

extension Identifier: CustomStringConvertible {
    var description: String { uuid.text }
}

/// By text, which for version 7 is by time of making.
extension Identifier: Comparable {
    static func < (left: Identifier, right: Identifier) -> Bool { left.uuid < right.uuid }
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
