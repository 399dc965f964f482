import FoundationEssentials
import Postgres
import WallTime

/// The place of an object in a contact's list, newest first.
struct LinkedObjectPlace: Sendable, Hashable {
    var createTime: Instant
    var id: LinkedObjectID
}

extension ContactStore {
    func insert(_ object: LinkedObject) async throws {
        let fields = object.fields
        try await transaction.query(
            """
            insert into contacts.linked_object
                (tenant_id, linked_object_id, contact_id, kind, title, stage, currency, amount, due_time, complete_time,
                 assignee_id, external_system, external_id, url, conversation_id, created_by, create_time, update_time)
            values
                (\(tenantID), \(object.id), \(object.contactID), \(object.kind.rawValue), \(fields.title), \(fields.stage),
                 \(fields.amount?.currency), \(fields.amount?.amount), \(fields.dueTime), \(fields.completeTime),
                 \(fields.assigneeID), \(fields.externalSystem), \(fields.externalID), \(fields.url),
                 \(object.conversationID), \(object.createdBy), \(object.createTime), \(object.updateTime))
            """)
    }

    /// The object, locked until the transaction ends.
    func lockedLinkedObject(_ id: LinkedObjectID) async throws -> LinkedObject? {
        try await transaction.query(
            """
            select \(fragment: Self.linkedObjectColumns)
            from contacts.linked_object
            where tenant_id = \(tenantID) and linked_object_id = \(id)
            for update
            """
        ).only.map(LinkedObject.init(row:))
    }

    /// The objects attached to contacts, of some kinds (empty: of every kind), newest first, after a place.
    func linkedObjects(
        of contactIDs: [ContactID], kinds: [LinkedObject.Kind] = [], after place: LinkedObjectPlace?, limit: Int
    ) async throws -> [LinkedObject] {
        let beyond: SQL =
            if let place { "(create_time, linked_object_id) < (\(place.createTime), \(place.id))" } else { "true" }
        return try await transaction.query(
            """
            select \(fragment: Self.linkedObjectColumns)
            from contacts.linked_object
            where tenant_id = \(tenantID)
              and contact_id = any(\(contactIDs.map(\.uuid)))
              and (\(kinds.isEmpty) or kind = any(\(kinds.map(\.rawValue))))
              and \(fragment: beyond)
            order by create_time desc, linked_object_id desc
            limit \(limit)
            """
        ).map(LinkedObject.init(row:))
    }

    /// The row is locked by the caller.
    func update(_ object: LinkedObject) async throws {
        let fields = object.fields
        try await transaction.query(
            """
            update contacts.linked_object
            set title = \(fields.title), stage = \(fields.stage), currency = \(fields.amount?.currency),
                amount = \(fields.amount?.amount), due_time = \(fields.dueTime), complete_time = \(fields.completeTime),
                assignee_id = \(fields.assigneeID), external_system = \(fields.externalSystem),
                external_id = \(fields.externalID), url = \(fields.url), update_time = \(object.updateTime),
                version = \(object.version)
            where tenant_id = \(tenantID) and linked_object_id = \(object.id)
            """)
    }

    func delete(_ id: LinkedObjectID) async throws {
        try await transaction.query(
            "delete from contacts.linked_object where tenant_id = \(tenantID) and linked_object_id = \(id)")
    }

    private static let linkedObjectColumns: SQL = """
        linked_object_id, contact_id, kind, title, stage, currency, amount, due_time, complete_time, assignee_id,
        external_system, external_id, url, conversation_id, created_by, create_time, update_time, version
        """
}

// MARK: - Rows

extension LinkedObject {
    fileprivate init(row: Row) throws {
        let kind: String = try row["kind"]
        let (currency, amount): (String?, String?) = (try row["currency"], try row["amount"])
        self.init(
            id: try row["linked_object_id"], contactID: try row["contact_id"], kind: try Kind(stored: kind),
            fields: Fields(
                title: try row["title"], stage: try row["stage"],
                amount: currency.flatMap { currency in amount.map { Money(currency: currency, amount: $0) } },
                dueTime: try row["due_time"], completeTime: try row["complete_time"], assigneeID: try row["assignee_id"],
                externalSystem: try row["external_system"], externalID: try row["external_id"], url: try row["url"]),
            conversationID: try row["conversation_id"], createdBy: try row["created_by"], createTime: try row["create_time"],
            updateTime: try row["update_time"], version: try row["version"])
    }
}
