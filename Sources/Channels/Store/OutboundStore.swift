import FoundationEssentials
import Postgres
import WallTime

/// The queue to providers, as one tenant sees it, inside one transaction. One function is one SQL statement.
struct OutboundStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading

extension OutboundStore {
    func delivery(_ id: UUID) async throws -> OutboundDelivery? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from channels.outbound
            where tenant_id = \(tenantID) and message_id = \(id)
            """
        ).map(OutboundDelivery.init(row:)).first
    }

    /// The newest first; ids are in the order in which they were made.
    func deliveries(_ filter: OutboundFilter, before id: UUID?, limit: Int) async throws -> [OutboundDelivery] {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from channels.outbound
            where tenant_id = \(tenantID)
              and (\(filter.conversationID)::uuid is null or conversation_id = \(filter.conversationID))
              and (\(filter.channelAccountID)::uuid is null or channel_account_id = \(filter.channelAccountID))
              and (\(filter.statuses.isEmpty) or status = any(\(filter.statuses.map(\.rawValue))))
              and (\(id)::uuid is null or message_id < \(id))
            order by message_id desc
            limit \(limit)
            """
        ).map(OutboundDelivery.init(row:))
    }

    /// Why nothing goes over this account now; nil: it does.
    func stop(of accountID: UUID) async throws -> ProviderError.Class? {
        let rows = try await transaction.query(
            """
            select error_class
            from channels.account_stop
            where tenant_id = \(tenantID) and channel_account_id = \(accountID) and end_time > clock_timestamp()
            """)
        return try rows.first.flatMap { ProviderError.Class(rawValue: try $0.decode(String.self)) }
    }

    static let columns: SQL = """
        message_id, conversation_id, channel_account_id, contact_id, is_erased, status, is_reported, attempt_count,
        error_class, provider_code, failure_reason, provider_message_id, create_time, update_time
        """
}

/// Which deliveries a list has; what is nil or empty restricts nothing.
struct OutboundFilter: Sendable {
    var conversationID: UUID?
    var channelAccountID: UUID?
    var statuses: [OutboundStatus] = []
}

// MARK: - Writing

extension OutboundStore {
    /// - Returns: whether it is new.
    func insert(_ delivery: OutboundDelivery) async throws -> Bool {
        let d = delivery
        return try await transaction.query(
            """
            insert into channels.outbound
                (tenant_id, message_id, conversation_id, channel_account_id, contact_id, is_erased, status, create_time,
                 update_time)
            values
                (\(tenantID), \(d.messageID), \(d.conversationID), \(d.channelAccountID), \(d.contactID), \(d.isErased),
                 \(d.status.rawValue), \(d.createTime), \(d.updateTime))
            on conflict (tenant_id, message_id) do nothing
            """
        ).affected == 1
    }

    /// Everything of it that changes; the caller holds its job.
    func update(_ delivery: OutboundDelivery) async throws {
        let d = delivery
        try await transaction.query(
            """
            update channels.outbound
            set status = \(d.status.rawValue), is_reported = \(d.isReported), attempt_count = \(d.attemptCount),
                error_class = \(d.errorClass?.rawValue ?? ""), provider_code = \(d.providerCode),
                failure_reason = \(d.failureReason), update_time = \(d.updateTime),
                -- Judged by the row as it is now: its receiver may have been erased since it was read.
                provider_message_id = case when is_erased then '' else \(d.providerMessageID) end
            where tenant_id = \(tenantID) and message_id = \(d.messageID)
            """)
    }

    func markReported(_ id: UUID) async throws {
        try await transaction.query(
            "update channels.outbound set is_reported = true where tenant_id = \(tenantID) and message_id = \(id)")
    }

    func stop(_ accountID: UUID, _ errorClass: ProviderError.Class, for duration: Duration) async throws {
        try await transaction.query(
            """
            insert into channels.account_stop (tenant_id, channel_account_id, error_class, end_time)
            values (\(tenantID), \(accountID), \(errorClass.rawValue), clock_timestamp() + \(duration))
            on conflict (tenant_id, channel_account_id)
                do update set error_class = excluded.error_class, end_time = excluded.end_time
            """)
    }
}

// MARK: - Rows

extension OutboundDelivery {
    init(row: Row) throws {
        let errorClass: String = try row["error_class"]
        self.init(
            messageID: try row["message_id"], conversationID: try row["conversation_id"],
            channelAccountID: try row["channel_account_id"], contactID: try row["contact_id"],
            isErased: try row["is_erased"], status: try OutboundStatus(stored: row["status"]),
            isReported: try row["is_reported"], attemptCount: try row["attempt_count"],
            errorClass: errorClass.isEmpty ? nil : try ProviderError.Class(stored: errorClass),
            providerCode: try row["provider_code"], failureReason: try row["failure_reason"],
            providerMessageID: try row["provider_message_id"], createTime: try row["create_time"],
            updateTime: try row["update_time"])
    }
}

extension RawRepresentable<String> {
    /// A word of a column; an unknown one was written by a newer release.
    init(stored text: String) throws {
        guard let value = Self(rawValue: text) else { throw UnknownStoredWord(type: "\(Self.self)", word: text) }
        self = value
    }
}

struct UnknownStoredWord: Error {
    let type: String
    let word: String
}
