import FoundationEssentials
import Postgres
import WallTime

/// The place of a merge in a contact's list, newest first.
struct MergePlace: Sendable, Hashable {
    var mergeTime: Instant
    var id: MergeID
}

extension ContactStore {
    /// Both contacts, locked until the transaction ends. Always in the order of their ids, so that two merges never wait for
    /// each other.
    func lockedContacts(_ ids: [ContactID]) async throws -> [Contact] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.contactColumns)
            from contacts.contact
            where tenant_id = \(tenantID) and contact_id = any(\(ids.map(\.uuid)))
            order by contact_id
            for update
            """)
        return try await withIdentities(rows.map(Contact.init(row:)))
    }

    /// Gives identities to another contact, with the keys by which they are found and the lines of their conversations.
    func move(_ identities: [ChannelIdentity], to contactID: ContactID) async throws {
        let ids = identities.map(\.id.uuid)
        try await transaction.pipeline([
            """
            update contacts.contact_identity
            set contact_id = \(contactID)
            where tenant_id = \(tenantID) and identity_id = any(\(ids))
            """,
            """
            update contacts.match_key
            set contact_id = \(contactID)
            where tenant_id = \(tenantID) and match_key = any(\(identities.map(\.address.matchKey)))
            """,
            """
            update contacts.timeline_entry
            set contact_id = \(contactID)
            where tenant_id = \(tenantID) and identity_id = any(\(ids))
            """,
        ])
    }

    /// Reckons anew when the newest entry of a contact's timeline happened.
    func recountActivity(of contactID: ContactID) async throws {
        try await transaction.query(
            """
            update contacts.contact
            set last_activity_time = (
                select max(occur_time)
                from contacts.timeline_entry
                where tenant_id = \(tenantID) and contact_id = \(contactID)
            )
            where tenant_id = \(tenantID) and contact_id = \(contactID)
            """)
    }

    func insert(_ merge: Merge) async throws {
        try await transaction.query(
            """
            insert into contacts.merge
                (tenant_id, merge_id, surviving_contact_id, merged_contact_id, survivor_version, identity_ids,
                 merged_fields, provenance, originals, merged_by, merge_time)
            values
                (\(tenantID), \(merge.id), \(merge.survivingID), \(merge.mergedID), \(merge.survivorVersion),
                 \(merge.identityIDs.map(\.uuid)), \(PostgresJSON(encoded: merge.mergedFields)),
                 \(PostgresJSON(encoded: merge.provenance)), \(merge.originals), \(merge.mergedBy), \(merge.mergeTime))
            """)
    }

    /// Stores that a merge was undone. The row is locked by the caller.
    func update(_ merge: Merge) async throws {
        try await transaction.query(
            """
            update contacts.merge
            set unmerged_by = \(merge.unmergedBy), unmerge_time = \(merge.unmergeTime), version = \(merge.version)
            where tenant_id = \(tenantID) and merge_id = \(merge.id)
            """)
    }

    func merge(_ id: MergeID) async throws -> Merge? {
        try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from contacts.merge
            where tenant_id = \(tenantID) and merge_id = \(id)
            """
        ).only.map(Merge.init(row:))
    }

    func lockedMerge(_ id: MergeID) async throws -> Merge? {
        try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from contacts.merge
            where tenant_id = \(tenantID) and merge_id = \(id)
            for update
            """
        ).only.map(Merge.init(row:))
    }

    /// Whether a merge of the survivor that stands came after this one.
    func hasLaterMerge(than merge: Merge) async throws -> Bool {
        try await transaction.query(
            """
            select exists (
                select from contacts.merge
                where tenant_id = \(tenantID) and surviving_contact_id = \(merge.survivingID)
                  and survivor_version > \(merge.survivorVersion) and unmerge_time is null
            )
            """
        )[0].decode(Bool.self)
    }

    /// The merges in which a contact took part, newest first, after a place.
    func merges(of contactID: ContactID, after place: MergePlace?, limit: Int) async throws -> [Merge] {
        let beyond: SQL = if let place { "(merge_time, merge_id) < (\(place.mergeTime), \(place.id))" } else { "true" }
        return try await transaction.query(
            """
            select \(fragment: Self.mergeColumns)
            from contacts.merge
            where tenant_id = \(tenantID)
              and (surviving_contact_id = \(contactID) or merged_contact_id = \(contactID))
              and \(fragment: beyond)
            order by merge_time desc, merge_id desc
            limit \(limit)
            """
        ).map(Merge.init(row:))
    }

    private static let mergeColumns: SQL = """
        merge_id, surviving_contact_id, merged_contact_id, survivor_version, identity_ids, merged_fields, provenance, originals,
        merged_by, merge_time, unmerged_by, unmerge_time, version
        """
}

// MARK: - Rows

extension Merge {
    fileprivate init(row: Row) throws {
        let identityIDs: [UUID] = try row["identity_ids"]
        self.init(
            id: try row["merge_id"], survivingID: try row["surviving_contact_id"], mergedID: try row["merged_contact_id"],
            survivorVersion: try row["survivor_version"], identityIDs: identityIDs.map { IdentityID($0) },
            mergedFields: try row["merged_fields", as: PostgresJSON.self].decoded(as: ContactFields.self),
            provenance: try row["provenance", as: PostgresJSON.self].decoded(as: [FieldProvenance].self),
            originals: try row["originals"], mergedBy: try row["merged_by"], mergeTime: try row["merge_time"],
            unmergedBy: try row["unmerged_by"], unmergeTime: try row["unmerge_time"], version: try row["version"])
    }
}
