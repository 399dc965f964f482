import Postgres

/// Attribute definitions and field layouts.
extension ContactStore {
    /// A tenant's definitions by key, after a key (empty: from the first).
    func definitions(after key: String = "", archived: Bool = true, limit: Int = AttributeDefinition.perTenantMax) async throws
        -> [AttributeDefinition]
    {
        try await transaction.query(
            """
            select key, type, display_name, description, options, sensitive, archived, create_time, update_time, version
            from contacts.attribute_definition
            where tenant_id = \(tenantID) and key > \(key) collate "C" and (\(archived) or not archived)
            order by key collate "C"
            limit \(limit)
            """
        ).map(AttributeDefinition.init(row:))
    }

    func schema() async throws -> AttributeSchema {
        AttributeSchema(try await definitions())
    }

    func lockedDefinition(_ key: String) async throws -> AttributeDefinition? {
        try await transaction.query(
            """
            select key, type, display_name, description, options, sensitive, archived, create_time, update_time, version
            from contacts.attribute_definition
            where tenant_id = \(tenantID) and key = \(key)
            for update
            """
        ).only.map(AttributeDefinition.init(row:))
    }

    /// Whoever defines attributes does so alone until the transaction ends, so that their number is known.
    func lockDefinitions() async throws {
        try await transaction.query(
            "select pg_advisory_xact_lock(hashtextextended('contacts.attributes/' || \(tenantID.text), 0))")
    }

    func insert(_ definition: AttributeDefinition) async throws {
        try await transaction.query(
            """
            insert into contacts.attribute_definition
                (tenant_id, key, type, display_name, description, options, sensitive, archived, create_time, update_time)
            values
                (\(tenantID), \(definition.key), \(definition.type.rawValue), \(definition.displayName),
                 \(definition.description), \(definition.options), \(definition.sensitive), \(definition.archived),
                 \(definition.createTime), \(definition.updateTime))
            """)
    }

    /// The row is locked by the caller.
    func update(_ definition: AttributeDefinition) async throws {
        try await transaction.query(
            """
            update contacts.attribute_definition
            set display_name = \(definition.displayName), description = \(definition.description),
                options = \(definition.options), sensitive = \(definition.sensitive), archived = \(definition.archived),
                update_time = \(definition.updateTime), version = \(definition.version)
            where tenant_id = \(tenantID) and key = \(definition.key)
            """)
    }

    func layout(_ place: FieldLayout.Place) async throws -> FieldLayout? {
        try await transaction.query(
            """
            select place, groups, update_time, version
            from contacts.field_layout
            where tenant_id = \(tenantID) and place = \(place.text)
            """
        ).only.map(FieldLayout.init(row:))
    }

    /// Stores a layout in place of the version that was read (0: of none).
    /// - Returns: whether that version was still there.
    func replace(_ layout: FieldLayout, version: Int64) async throws -> Bool {
        try await transaction.query(
            """
            insert into contacts.field_layout (tenant_id, place, groups, update_time, version)
            select \(tenantID), \(layout.place.text), \(PostgresJSON(encoded: layout.groups)), \(layout.updateTime), 1
            where \(version) = 0 or exists (
                select from contacts.field_layout
                where tenant_id = \(tenantID) and place = \(layout.place.text) and version = \(version)
            )
            on conflict (tenant_id, place) do update
            set groups = excluded.groups, update_time = excluded.update_time, version = field_layout.version + 1
            where field_layout.version = \(version)
            """
        ).affected == 1
    }
}

// MARK: - Rows

extension AttributeDefinition {
    fileprivate init(row: Row) throws {
        let type: String = try row["type"]
        self.init(
            key: try row["key"], type: try AttributeType(stored: type), displayName: try row["display_name"],
            description: try row["description"], options: try row["options"], sensitive: try row["sensitive"],
            archived: try row["archived"], createTime: try row["create_time"], updateTime: try row["update_time"],
            version: try row["version"])
    }
}

extension FieldLayout {
    fileprivate init(row: Row) throws {
        let place: String = try row["place"]
        guard let known = Place(place) else { throw UnknownStoredWord(type: "FieldLayout.Place", word: place) }
        self.init(
            place: known, groups: try row["groups", as: PostgresJSON.self].decoded(as: [Group].self),
            updateTime: try row["update_time"], version: try row["version"])
    }
}
