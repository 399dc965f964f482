import FoundationEssentials
import Postgres

/// Filters as SQL. Every column is written here and every value is a parameter, so nothing a caller writes can become SQL.
/// The contact's row is called `contact` in the statement around it.
extension ContactFilter {
    var sql: SQL {
        condition?.sql ?? "true"
    }
}

extension ContactCondition {
    fileprivate var sql: SQL {
        switch self {
        case .all(let parts): "(\(fragment: .joined(parts.map(\.sql), by: " and ")))"
        case .any(let parts): "(\(fragment: .joined(parts.map(\.sql), by: " or ")))"
        case .not(let part): "not \(fragment: part.sql)"
        case .text(let field, let pattern): field.sql(matching: pattern)
        case .owner(let id): "contact.owner_id = \(id)"
        case .anotherOwner(let id): "contact.owner_id <> \(id)"
        case .hasOwner: "contact.owner_id is not null"
        case .state(let state): "contact.state = \(state.rawValue)"
        case .blocked(true): "contact.block_time is not null"
        case .blocked(false): "contact.block_time is null"
        case .time(let field, let comparator, let instant):
            "(\(fragment: field.sql) \(fragment: comparator.sql) \(instant))"
        case .identityKind(let kind):
            """
            exists (
                select from contacts.contact_identity identity
                where identity.tenant_id = contact.tenant_id
                  and identity.contact_id = contact.contact_id
                  and identity.kind = \(kind.rawValue)
            )
            """
        case .identityAddress(let address, let matchKeys):
            """
            contact.contact_id in (
                select contact_id from contacts.contact_identity
                where tenant_id = contact.tenant_id and address = \(address)
                union
                select contact_id from contacts.match_key
                where tenant_id = contact.tenant_id and match_key = any(\(matchKeys))
            )
            """
        case .hasAttribute(let key): "contact.attributes ? \(key)"
        case .attribute(let key, let comparator, let value):
            // Values of different types are neither equal nor ordered; a missing one compares with nothing.
            """
            (jsonb_typeof(contact.attributes -> \(key)) = jsonb_typeof(\(PostgresJSON(value)))
             and (contact.attributes -> \(key)) \(fragment: comparator.sql) \(PostgresJSON(value)))
            """
        }
    }
}

extension ContactCondition.TextField {
    fileprivate func sql(matching pattern: TextPattern) -> SQL {
        """
        lower(\(fragment: column) collate "und-x-icu") like lower(\(pattern.likePattern) collate "und-x-icu")
        """
    }

    private var column: SQL {
        switch self {
        case .displayName: "contact.display_name"
        case .locale: "contact.locale"
        case .timeZone: "contact.time_zone"
        case .note: "contact.note"
        }
    }
}

extension ContactCondition.TimeField {
    fileprivate var sql: SQL {
        switch self {
        case .createTime: "contact.create_time"
        case .updateTime: "contact.update_time"
        case .lastActivityTime: "contact.last_activity_time"
        }
    }
}

extension TextPattern {
    /// The pattern for LIKE, whose own wildcards are taken literally.
    fileprivate var likePattern: String {
        let literal = text.flatMap { "\\%_".contains($0) ? "\\\($0)" : String($0) }
        return (openStart ? "%" : "") + String(literal) + (openEnd ? "%" : "")
    }
}

extension FilterComparator {
    fileprivate var sql: SQL {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .has: preconditionFailure("a has-comparison is a condition of its own")
        }
    }
}
