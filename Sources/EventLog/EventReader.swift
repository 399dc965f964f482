internal import FoundationEssentials
internal import Postgres
internal import WallTime

/// The statements that read a log.
struct EventReader: Sendable {
    let schema: String
    let pool: PostgresPool

    /// The hint "look at the log" in this database.
    var channel: String { schema + "_event" }

    /// Where one partition stands.
    struct Counter: Sendable, Hashable {
        var epoch: Int64
        var partition: Int
        var position: Int64
        var retainedAfter: Int64
    }

    /// Where all partitions stand: every event up to a position read here is visible to the next statement.
    func counters() async throws -> [Counter] {
        let rows = try await pool.query(
            """
            select event_epoch.epoch, partition, position, retained_after
            from \(identifier: schema).event_partition, \(identifier: schema).event_epoch
            order by partition
            """)
        return try rows.map { row in
            let (epoch, partition, position, retainedAfter) = try row.decode((Int64, Int, Int64, Int64).self)
            return Counter(epoch: epoch, partition: partition, position: position, retainedAfter: retainedAfter)
        }
    }

    /// A stretch of one partition that is there to be read.
    struct Stretch: Sendable {
        var partition: Int
        var after: Int64
        var upto: Int64
        /// No event of the stretch is older: months before it need not be searched.
        var since: Instant = .unixEpoch
    }

    /// An event without its reader's cursor.
    struct Found: Sendable {
        var event: Event
        var recordTime: Instant
    }

    /// The first events of each stretch, up to `limit` of each, by partition and position.
    func events(in stretches: [Stretch], _ filter: EventFilter = EventFilter(), limit: Int) async throws -> [Found] {
        let nowhere = Cursor(epoch: 0)
        return try await pool.query(select(stretches, filter, limit: limit)).map { row in
            let (partition, position, recordTime, tenantID, kind, subjectID, time, attributes, payload) = try row.decode(
                (Int, Int64, Instant, UUID, String, UUID, Instant, String, [UInt8]).self)
            let event = Event(
                cursor: nowhere, partition: partition, position: position, tenantID: tenantID, kind: kind,
                subjectID: subjectID, time: time, attributes: try AttributesJSON.attributes(attributes), payload: payload)
            return Found(event: event, recordTime: recordTime)
        }
    }

    private func select(_ stretches: [Stretch], _ filter: EventFilter, limit: Int) -> SQL {
        var conditions: [SQL] = ["event.position > place.after", "event.position <= place.upto"]
        if let tenantID = filter.tenantID { conditions.append("event.tenant_id = \(tenantID)") }
        if !filter.kinds.isEmpty { conditions.append("event.kind = any(\(filter.kinds.sorted()))") }
        return """
            select
                found.partition, found.position, found.record_time, found.tenant_id, found.kind, found.subject_id,
                found.time, found.attributes, found.payload
            from unnest(
                \(stretches.map { Int16($0.partition) }), \(stretches.map(\.after)), \(stretches.map(\.upto)),
                \(stretches.map(\.since))
            ) as place (partition, after, upto, since)
            cross join lateral (
                select
                    event.partition, event.position, event.record_time, event.tenant_id, event.kind, event.subject_id,
                    event.time, event.attributes, event.payload
                from \(identifier: schema).event
                where event.partition = place.partition and event.record_time >= place.since
                    and \(fragment: .joined(conditions, by: " and "))
                order by event.position
                limit \(limit)
            ) found
            order by found.partition, found.position
            """
    }
}
