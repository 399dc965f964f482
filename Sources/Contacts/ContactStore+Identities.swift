import Postgres

/// Addresses: an identity's row, and the key by which it is found. The key is taken first, and given back last.
extension ContactStore {
    /// Takes an address for a contact. Waits for whoever is taking it at the same time.
    ///
    /// - Returns: the contact that has it, which is another one if it was taken.
    func take(_ address: ChannelAddress, for contactID: ContactID) async throws -> ContactID {
        // The update changes nothing; it makes the row that is in the way come back.
        let rows = try await transaction.query(
            """
            insert into contacts.match_key (tenant_id, match_key, contact_id)
            values (\(tenantID), \(address.matchKey), \(contactID))
            on conflict (tenant_id, match_key) do update set match_key = excluded.match_key
            returning contact_id
            """)
        return try rows[0].decode(ContactID.self)
    }

    func insert(_ identity: ChannelIdentity) async throws {
        let address = identity.address
        try await transaction.query(
            """
            insert into contacts.contact_identity
                (tenant_id, identity_id, contact_id, kind, scope, address, match_key, profile_name, username,
                 verified, source, create_time)
            values
                (\(tenantID), \(identity.id), \(identity.contactID), \(address.kind.rawValue), \(address.scope),
                 \(address.address), \(address.matchKey), \(identity.profile.name), \(identity.profile.username),
                 \(identity.verified), \(identity.source.rawValue), \(identity.createTime))
            """)
    }

    /// Stores what the channel now says of an identity that was there already.
    func update(_ identity: ChannelIdentity) async throws {
        try await transaction.query(
            """
            update contacts.contact_identity
            set profile_name = \(identity.profile.name), username = \(identity.profile.username),
                verified = \(identity.verified)
            where tenant_id = \(tenantID) and identity_id = \(identity.id)
            """)
    }

    /// Stores which addresses are blocked.
    func updateBlocks(of identities: [ChannelIdentity]) async throws {
        let blocks = identities.map(\.block)
        try await transaction.query(
            """
            update contacts.contact_identity identity
            set block_reason = new.block_reason, block_spam = new.block_spam, blocked_by = new.blocked_by,
                block_time = new.block_time
            from unnest(
                \(identities.map(\.id.uuid)), \(blocks.map { $0?.reason }), \(blocks.map { $0?.spam }),
                \(blocks.map { $0?.blockedBy }), \(blocks.map { $0?.blockTime })
            ) as new (identity_id, block_reason, block_spam, blocked_by, block_time)
            where identity.tenant_id = \(tenantID) and identity.identity_id = new.identity_id
            """)
    }

    /// Removes an identity, and its key with it unless another identity of the contact is found by the same key.
    func delete(_ identity: ChannelIdentity) async throws {
        try await transaction.query(
            """
            with removed as (
                delete from contacts.contact_identity
                where tenant_id = \(tenantID) and identity_id = \(identity.id)
            )
            delete from contacts.match_key key
            where key.tenant_id = \(tenantID)
              and key.match_key = \(identity.address.matchKey)
              and not exists (
                  select from contacts.contact_identity other
                  where other.tenant_id = key.tenant_id
                    and other.match_key = key.match_key
                    and other.identity_id <> \(identity.id)
              )
            """)
    }
}

// MARK: - Rows

extension ChannelIdentity {
    init(row: Row) throws {
        let (kind, source): (String, String) = (try row["kind"], try row["source"])
        self.init(
            id: try row["identity_id"],
            contactID: try row["contact_id"],
            address: try ChannelAddress(
                kind: IdentityKind(stored: kind), scope: try row["scope"], address: try row["address"]),
            profile: ChannelProfile(name: try row["profile_name"], username: try row["username"]),
            verified: try row["verified"],
            source: try Source(stored: source),
            block: try Block(row: row),
            createTime: try row["create_time"])
    }
}
