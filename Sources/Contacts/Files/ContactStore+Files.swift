import Postgres

/// What imports and exports ask.
extension ContactStore {
    /// The contacts that have one of these addresses.
    func holders(of addresses: [ChannelAddress]) async throws -> [ContactID] {
        guard !addresses.isEmpty else { return [] }
        return try await transaction.query(
            """
            select distinct contact_id
            from contacts.match_key
            where tenant_id = \(tenantID) and match_key = any(\(addresses.map(\.matchKey)))
            """
        ).map { try $0.decode(ContactID.self) }
    }

    /// The attributes that are defined or that a contact carries, by key.
    func attributeKeys(limit: Int) async throws -> [String] {
        try await transaction.query(
            """
            select key
            from (
                select key from contacts.attribute_definition where tenant_id = \(tenantID)
                union
                select jsonb_object_keys(attributes) from contacts.contact where tenant_id = \(tenantID)
            ) known (key)
            order by key collate "C"
            limit \(limit)
            """
        ).map { try $0.decode(String.self) }
    }
}
