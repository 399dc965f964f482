import FoundationEssentials
import Postgres

/// The id of one kind of thing: a contact's id is never taken for an identity's. In the database a `uuid`, on the wire its
/// text in lower case.
struct Identifier<Subject>: Hashable, Sendable {
    let uuid: UUID

    init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// `nil` unless the text is a UUID of 36 characters (RFC 9562).
    init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }
}

typealias ContactID = Identifier<Contact>
typealias IdentityID = Identifier<ChannelIdentity>
typealias LinkedObjectID = Identifier<LinkedObject>
typealias MergeID = Identifier<Merge>
typealias ConsentID = Identifier<Consent>
typealias ErasureID = Identifier<Erasure>
typealias TimelineEntryID = Identifier<TimelineEntry>

extension Identifier: CustomStringConvertible {
    var description: String { uuid.uuidString.lowercased() }
}

/// In JSON an id is the UUID's text.
extension Identifier: Codable {
    init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UUID.self))
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(uuid)
    }
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
