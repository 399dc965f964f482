import Postgres
import WallTime

/// The place of a contact in an order: where a page ends and the next begins.
struct ContactPlace: Sendable, Hashable {
    enum Key: Sendable, Hashable {
        case name(String)
        /// `nil` where the contact has no such time: before all times.
        case time(Instant?)
    }

    var key: Key
    var id: ContactID

    init(key: Key, id: ContactID) {
        self.key = key
        self.id = id
    }

    init(of contact: Contact, in order: ContactOrder) {
        id = contact.id
        key =
            switch order.field {
            case .displayName: .name(contact.fields.displayName)
            case .createTime: .time(contact.createTime)
            case .updateTime: .time(contact.updateTime)
            case .lastActivityTime: .time(contact.lastActivityTime)
            }
    }
}

extension ContactStore {
    /// The contacts that pass the filter, after a place, in an order. Each order is read from its index, whatever the page.
    func contacts(
        _ filter: ContactFilter, _ order: ContactOrder, after place: ContactPlace?, limit: Int
    ) async throws -> [Contact] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.contactColumns)
            from contacts.contact
            where tenant_id = \(tenantID)
              and \(fragment: filter.sql)
              and \(fragment: place.map { order.sql(after: $0) } ?? "true")
            order by \(fragment: order.sql)
            limit \(limit)
            """)
        return try await withIdentities(rows.map(Contact.init(row:)))
    }
}

extension ContactOrder {
    /// The expressions are those of the indexes in Database/0001_contacts.sql.
    fileprivate var sql: SQL {
        switch (field, descending) {
        case (.displayName, false):
            """
            (contact.display_name = ''), lower(contact.display_name collate "und-x-icu"), contact.contact_id
            """
        case (.displayName, true):
            """
            (contact.display_name = '') desc, lower(contact.display_name collate "und-x-icu") desc, contact.contact_id desc
            """
        case (_, false): "\(fragment: time), contact.contact_id"
        case (_, true): "\(fragment: time) desc, contact.contact_id desc"
        }
    }

    fileprivate func sql(after place: ContactPlace) -> SQL {
        switch place.key {
        case .name(let name):
            """
            ((contact.display_name = ''), lower(contact.display_name collate "und-x-icu"), contact.contact_id)
            \(fragment: beyond) (\(name.isEmpty), lower(\(name) collate "und-x-icu"), \(place.id))
            """
        case .time(let time):
            """
            (\(fragment: self.time), contact.contact_id)
            \(fragment: beyond) (coalesce(\(time), '-infinity'::timestamptz), \(place.id))
            """
        }
    }

    private var beyond: SQL { descending ? "<" : ">" }

    private var time: SQL {
        switch field {
        case .createTime: "contact.create_time"
        case .updateTime: "contact.update_time"
        case .lastActivityTime: "coalesce(contact.last_activity_time, '-infinity'::timestamptz)"
        case .displayName: preconditionFailure("names are no times")
        }
    }
}
