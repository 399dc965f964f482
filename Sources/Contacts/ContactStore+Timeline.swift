import FoundationEssentials
import Postgres
import WallTime

/// The place of an entry in a timeline, newest first.
struct TimelinePlace: Sendable, Hashable {
    var occurTime: Instant
    var id: TimelineEntryID
}

extension ContactStore {
    /// Adds an entry to a contact's timeline and moves the contact's last activity. Nothing happens for a contact that is
    /// not there or erased, and for a conversation whose entry of this kind is. A conversation's entry goes to whoever has its
    /// address now: the contact it names may have been merged since, or a merge undone.
    func append(_ entry: TimelineEntry) async throws {
        let conversation = entry.subject.conversation
        try await transaction.query(
            """
            with identity as (
                select contact_id, identity_id
                from contacts.contact_identity
                where tenant_id = \(tenantID)
                  and address = \(entry.address?.address) and kind = \(entry.address?.kind.rawValue)
                  and scope = \(entry.address?.scope)
            ), appended as (
                insert into contacts.timeline_entry
                    (tenant_id, timeline_entry_id, contact_id, identity_id, kind, occur_time, actor, conversation_id,
                     channel, department_id, assignee_id, close_reason, outcome, changed_paths, related_id, action)
                select tenant_id, \(entry.id), contact_id, (select identity_id from identity),
                       \(entry.subject.kind.rawValue), \(entry.occurTime), \(entry.actor),
                       \(conversation?.conversationID), \(conversation?.channel), \(conversation?.departmentID),
                       \(conversation?.assigneeID), \(conversation?.closeReason), \(conversation?.outcome),
                       \(entry.subject.changedPaths), \(entry.subject.relatedID), \(entry.subject.action?.rawValue)
                from contacts.contact
                where tenant_id = \(tenantID) and state <> 'erased'
                  and contact_id = coalesce((select contact_id from identity), \(entry.contactID))
                on conflict (tenant_id, conversation_id, kind) do nothing
                returning contact_id, occur_time
            )
            update contacts.contact
            set last_activity_time = greatest(last_activity_time, appended.occur_time)
            from appended
            where contact.tenant_id = \(tenantID) and contact.contact_id = appended.contact_id
            """)
    }

    /// Contacts' entries of some kinds (empty: of every kind), newest first, after a place.
    func timeline(
        of contactIDs: [ContactID], kinds: [TimelineEntry.Kind], after place: TimelinePlace?, limit: Int
    ) async throws -> [TimelineEntry] {
        let beyond: SQL =
            if let place { "(occur_time, timeline_entry_id) < (\(place.occurTime), \(place.id))" } else { "true" }
        let rows = try await transaction.query(
            """
            select timeline_entry_id, contact_id, kind, occur_time, actor, conversation_id, channel, department_id,
                   assignee_id, close_reason, outcome, changed_paths, related_id, action
            from contacts.timeline_entry
            where tenant_id = \(tenantID)
              and contact_id = any(\(contactIDs.map(\.uuid)))
              and (\(kinds.isEmpty) or kind = any(\(kinds.map(\.rawValue))))
              and \(fragment: beyond)
            order by occur_time desc, timeline_entry_id desc
            limit \(limit)
            """)
        return try rows.map(TimelineEntry.init(row:))
    }
}

// MARK: - Rows

extension TimelineEntry.Subject {
    fileprivate var changedPaths: [String] {
        if case .contactUpdated(let paths) = self { paths } else { [] }
    }

    fileprivate var relatedID: UUID? {
        switch self {
        case .identityChanged(let id): id.uuid
        case .linkedObjectChanged(let id, _): id.uuid
        case .mergeChanged(let id, _): id.uuid
        case .consentRecorded(let id): id.uuid
        case .blockChanged(let id, _): id?.uuid
        case .conversationOpened, .conversationClosed, .contactCreated, .contactUpdated: nil
        }
    }

    fileprivate init(row: Row) throws {
        let kind: String = try row["kind"]
        switch try TimelineEntry.Kind(stored: kind) {
        case .conversationOpened: self = .conversationOpened(try TimelineEntry.ConversationActivity(row: row))
        case .conversationClosed: self = .conversationClosed(try TimelineEntry.ConversationActivity(row: row))
        case .contactCreated: self = .contactCreated
        case .contactUpdated: self = .contactUpdated(changedPaths: try row["changed_paths"])
        case .identityChanged: self = .identityChanged(try row["related_id"])
        case .linkedObjectChanged: self = .linkedObjectChanged(try row["related_id"], try row.action)
        case .mergeChanged: self = .mergeChanged(try row["related_id"], try row.action)
        case .consentRecorded: self = .consentRecorded(try row["related_id"])
        case .blockChanged: self = .blockChanged(try row["related_id"], try row.action)
        }
    }
}

extension Row {
    fileprivate var action: TimelineEntry.Action {
        get throws {
            let word: String = try self["action"]
            return try TimelineEntry.Action(stored: word)
        }
    }
}

extension TimelineEntry {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row["timeline_entry_id"], contactID: try row["contact_id"], occurTime: try row["occur_time"],
            actor: try row["actor"], subject: try Subject(row: row))
    }
}

extension TimelineEntry.ConversationActivity {
    fileprivate init(row: Row) throws {
        self.init(
            conversationID: try row["conversation_id"], channel: try row["channel"],
            departmentID: try row["department_id"], assigneeID: try row["assignee_id"],
            closeReason: try row["close_reason"], outcome: try row["outcome"])
    }
}
