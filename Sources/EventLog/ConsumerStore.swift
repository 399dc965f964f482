internal import Postgres

/// The leases and cursors of one consumer. Lease time is the database's alone.
struct ConsumerStore: Sendable {
    let consumer: String
    let schema: String
    let pool: PostgresPool

    /// Takes a shard that nobody holds. Each taking raises the fencing token.
    /// - Parameter last: the lease this replica had before. While nobody has taken it over it is this replica's still, so
    ///   that a database that was away for a moment does not cost a whole lease.
    func acquire(_ shard: Int, for lease: Duration, after last: ConsumerLease?) async throws -> ConsumerLease? {
        let rows: Rows
        do {
            rows = try await pool.query(
                """
                insert into \(identifier: schema).event_consumer as current (consumer, shard, lease_until, token)
                values (\(consumer), \(Int16(shard)), clock_timestamp() + \(lease), 1)
                on conflict (consumer, shard) do update
                set lease_until = excluded.lease_until, token = current.token + 1
                where current.lease_until < clock_timestamp() or current.token = \(last?.token)
                returning token, cursor
                """)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            // It is in the middle of a batch that takes its time.
            return nil
        }
        return try rows.only.map { row in
            let (token, cursor) = try row.decode((Int64, String?).self)
            return ConsumerLease(shard: shard, token: token, cursor: cursor)
        }
    }

    /// Does not wait for the row: who applies a batch has it locked for as long as that takes, and lives.
    /// - Returns: false where the lease is another's by now.
    func renew(_ held: ConsumerLease, for lease: Duration) async throws -> Bool {
        let renewed = try await pool.query(
            """
            with held as materialized (
                select consumer, shard
                from \(identifier: schema).event_consumer
                where consumer = \(consumer) and shard = \(Int16(held.shard)) and token = \(held.token)
                for update skip locked
            )
            update \(identifier: schema).event_consumer
            set lease_until = clock_timestamp() + \(lease)
            from held
            where event_consumer.consumer = held.consumer and event_consumer.shard = held.shard
            """)
        if renewed.affected == 1 { return true }
        return try await pool.query(
            """
            select exists (
                select from \(identifier: schema).event_consumer
                where consumer = \(consumer) and shard = \(Int16(held.shard)) and token = \(held.token)
            )
            """
        )[0].decode(Bool.self)
    }

    /// Lets another replica take over at once.
    func release(_ held: ConsumerLease) async throws {
        try await pool.query(
            """
            update \(identifier: schema).event_consumer
            set lease_until = '-infinity'
            where consumer = \(consumer) and shard = \(Int16(held.shard)) and token = \(held.token)
            """)
    }

    /// The effects and the cursor, or neither.
    func transaction(
        _ held: ConsumerLease, cursor: String, _ effects: (Transaction) async throws -> Void
    ) async throws {
        try await pool.transaction { transaction in
            // First, for it locks the row: a replica that takes over waits, and reads the cursor behind these effects.
            guard try await transaction.query(advance(held, to: cursor)).affected == 1 else { throw LeaseLost() }
            try await effects(transaction)
        }
    }

    func advance(_ held: ConsumerLease, to cursor: String) async throws {
        guard try await pool.query(advance(held, to: cursor)).affected == 1 else { throw LeaseLost() }
    }

    private func advance(_ held: ConsumerLease, to cursor: String) -> SQL {
        """
        update \(identifier: schema).event_consumer
        set cursor = \(cursor)
        where consumer = \(consumer) and shard = \(Int16(held.shard)) and token = \(held.token)
        """
    }

    /// Whoever works on the shard loses its lease.
    func restart(_ shard: Int, from cursor: String?) async throws {
        try await pool.query(
            """
            update \(identifier: schema).event_consumer
            set cursor = \(cursor), token = token + 1, lease_until = '-infinity'
            where consumer = \(consumer) and shard = \(Int16(shard))
            """)
    }

    /// The stored cursors by shard.
    func cursors() async throws -> [Int: String] {
        let rows = try await pool.query(
            """
            select shard, cursor
            from \(identifier: schema).event_consumer
            where consumer = \(consumer) and cursor is not null
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { try $0.decode((Int, String).self) })
    }
}

struct ConsumerLease: Sendable {
    var shard: Int
    /// The fencing token.
    var token: Int64
    /// Where to go on; `nil` before the first event.
    var cursor: String?
}
