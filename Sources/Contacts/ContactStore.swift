import FoundationEssentials
import Postgres
import WallTime

/// The tables of contacts, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct ContactStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading contacts

extension ContactStore {
    /// The contacts with these ids, in no order; unknown ones are missing.
    func contacts(_ ids: [ContactID]) async throws -> [Contact] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.contactColumns)
            from contacts.contact
            where tenant_id = \(tenantID) and contact_id = any(\(ids.map(\.uuid)))
            """)
        return try await withIdentities(rows.map(Contact.init(row:)))
    }

    func contact(_ id: ContactID) async throws -> Contact? {
        try await contacts([id]).first
    }

    /// A contact and those that were merged into it, directly or by way of others.
    func family(of id: ContactID) async throws -> [ContactID] {
        try await transaction.query(
            """
            with recursive family (contact_id) as (
                select \(id)::uuid
                union all
                select contact.contact_id
                from contacts.contact
                join family on contact.merged_into_id = family.contact_id
                where contact.tenant_id = \(tenantID)
            )
            select contact_id from family
            """
        ).map { try $0.decode(ContactID.self) }
    }

    /// The contact, locked until the transaction ends: between reading and changing it nobody else changes it.
    func lockedContact(_ id: ContactID) async throws -> Contact? {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.contactColumns)
            from contacts.contact
            where tenant_id = \(tenantID) and contact_id = \(id)
            for update
            """)
        return try await withIdentities(rows.map(Contact.init(row:))).first
    }

    /// The contact to which an address leads.
    func contact(matching address: ChannelAddress) async throws -> Contact? {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.contactColumns)
            from contacts.match_key
            join contacts.contact using (tenant_id, contact_id)
            where tenant_id = \(tenantID) and match_key = \(address.matchKey)
            """)
        return try await withIdentities(rows.map(Contact.init(row:))).first
    }

    /// The same contacts, with their identities in the order in which they were added.
    func withIdentities(_ contacts: [Contact]) async throws -> [Contact] {
        guard !contacts.isEmpty else { return [] }
        let rows = try await transaction.query(
            """
            select identity_id, contact_id, kind, scope, address, profile_name, username, verified, source,
                   block_reason, block_spam, blocked_by, block_time, create_time
            from contacts.contact_identity
            where tenant_id = \(tenantID) and contact_id = any(\(contacts.map(\.id.uuid)))
            order by identity_id
            """)
        let identities = try Dictionary(grouping: rows.map(ChannelIdentity.init(row:)), by: \.contactID)
        return contacts.map { contact in
            var contact = contact
            contact.identities = identities[contact.id] ?? []
            return contact
        }
    }

    static let contactColumns: SQL = """
        contact_id, state, display_name, owner_id, locale, time_zone, note, attributes,
        block_reason, block_spam, blocked_by, block_time, merged_into_id,
        last_activity_time, create_time, update_time, version
        """
}

// MARK: - Writing contacts

extension ContactStore {
    /// A contact without addresses; they follow by `insert(_:)`.
    func insert(_ contact: Contact) async throws {
        let fields = contact.fields
        try await transaction.query(
            """
            insert into contacts.contact
                (tenant_id, contact_id, display_name, owner_id, locale, time_zone, note, attributes, create_time, update_time)
            values
                (\(tenantID), \(contact.id), \(fields.displayName), \(fields.ownerID), \(fields.locale),
                 \(fields.timeZone), \(fields.note), \(PostgresJSON(fields.attributes)),
                 \(contact.createTime), \(contact.updateTime))
            """)
    }

    /// Creates the contact of an address that nobody has, in one step with taking the address: of any number of callers
    /// at once, one inserts the key, and the others wait for its commit and insert nothing.
    ///
    /// - Returns: whether this caller was the one.
    func create(_ contact: Contact, with identity: ChannelIdentity) async throws -> Bool {
        let (fields, address) = (contact.fields, identity.address)
        let rows = try await transaction.query(
            """
            with taken as (
                insert into contacts.match_key (tenant_id, match_key, contact_id)
                values (\(tenantID), \(address.matchKey), \(contact.id))
                on conflict (tenant_id, match_key) do nothing
                returning contact_id
            ), created as (
                insert into contacts.contact
                    (tenant_id, contact_id, display_name, owner_id, locale, time_zone, note, attributes,
                     create_time, update_time)
                select \(tenantID), contact_id, \(fields.displayName), \(fields.ownerID), \(fields.locale),
                       \(fields.timeZone), \(fields.note), \(PostgresJSON(fields.attributes)),
                       \(contact.createTime), \(contact.updateTime)
                from taken
            )
            insert into contacts.contact_identity
                (tenant_id, identity_id, contact_id, kind, scope, address, match_key, profile_name, username,
                 verified, source, create_time)
            select \(tenantID), \(identity.id), contact_id, \(address.kind.rawValue), \(address.scope),
                   \(address.address), \(address.matchKey), \(identity.profile.name), \(identity.profile.username),
                   \(identity.verified), \(identity.source.rawValue), \(identity.createTime)
            from taken
            """)
        return rows.affected == 1
    }

    /// Stores a contact's fields, state and block. The row is locked by the caller, so its version is the one that was read.
    func update(_ contact: Contact) async throws {
        let fields = contact.fields
        try await transaction.query(
            """
            update contacts.contact
            set display_name = \(fields.displayName), owner_id = \(fields.ownerID), locale = \(fields.locale),
                time_zone = \(fields.timeZone), note = \(fields.note),
                attributes = \(PostgresJSON(fields.attributes)), state = \(contact.state.rawValue),
                merged_into_id = \(contact.mergedInto), block_reason = \(contact.block?.reason),
                block_spam = \(contact.block?.spam), blocked_by = \(contact.block?.blockedBy),
                block_time = \(contact.block?.blockTime), update_time = \(contact.updateTime),
                version = \(contact.version)
            where tenant_id = \(tenantID) and contact_id = \(contact.id)
            """)
    }
}

// MARK: - Rows

extension Contact {
    init(row: Row) throws {
        let state: String = try row["state"]
        self.init(
            id: try row["contact_id"],
            state: try State(stored: state),
            fields: ContactFields(
                displayName: try row["display_name"],
                ownerID: try row["owner_id"],
                locale: try row["locale"],
                timeZone: try row["time_zone"],
                note: try row["note"],
                attributes: try row["attributes", as: PostgresJSON.self].attributes),
            identities: [],
            block: try Block(row: row),
            mergedInto: try row["merged_into_id"],
            lastActivityTime: try row["last_activity_time"],
            createTime: try row["create_time"],
            updateTime: try row["update_time"],
            version: try row["version"])
    }
}

extension Block {
    /// `nil` where the row is not blocked; a constraint keeps the four columns together.
    init?(row: Row) throws {
        guard let reason: String = try row["block_reason"] else { return nil }
        self.init(
            reason: reason, spam: try row["block_spam"], blockedBy: try row["blocked_by"], blockTime: try row["block_time"])
    }
}

extension RawRepresentable<String> {
    /// A word of a column that a constraint holds to the words we know; an unknown one was written by a newer release.
    init(stored text: String) throws {
        guard let value = Self(rawValue: text) else { throw UnknownStoredWord(type: "\(Self.self)", word: text) }
        self = value
    }
}

struct UnknownStoredWord: Error {
    let type: String
    let word: String
}
