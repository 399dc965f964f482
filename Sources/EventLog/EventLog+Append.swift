internal import FoundationEssentials
package import Postgres

extension EventLog {
    /// Appends events at the transaction's end: all that a transaction appends goes in one statement per partition together
    /// with COMMIT, so a counter is locked for the shortest time. May be called several times; the order of calls is kept.
    /// - Throws: `EventLogError.tooLarge`.
    package func append(_ events: [NewEvent], in transaction: Transaction) async throws {
        guard !events.isEmpty else { return }
        let trace = traceparent()
        let rows = try events.map { try NewRow($0, trace) }
        // The keys are ordered: the log's counters are locked after everything else.
        transaction.collect(rows, under: "events.\(schema)", isForAll: true) { [schema] rows in
            // In the partitions' order, so that two transactions never wait for each other crosswise.
            Dictionary(grouping: rows, by: \.partition).sorted { $0.key < $1.key }
                .map { Self.append($0.value, to: $0.key, in: schema) }
        }
        // Outside the transaction: a commit that notifies queues behind every other one of the cluster.
        transaction.afterCommit { [pool, channel, metrics] in
            metrics.appended.increment(by: events.count)
            pool.notify(channel)
        }
    }

    private static func append(_ rows: [NewRow], to partition: Int, in schema: String) -> SQL {
        """
        with counter as (
            update \(identifier: schema).event_partition
            set position = position + \(rows.count), last_time = greatest(last_time, clock_timestamp())
            where partition = \(Int16(partition))
            returning partition, position - \(rows.count) as base, last_time
        )
        insert into \(identifier: schema).event (
            partition, position, record_time, tenant_id, kind, subject_id, time, attributes, payload
        )
        select
            counter.partition, counter.base + new.number, counter.last_time,
            new.tenant_id, new.kind, new.subject_id, new.time, new.attributes, new.payload
        from counter, unnest(
            \(rows.map(\.event.tenantID)), \(rows.map(\.event.kind)), \(rows.map(\.event.subjectID)),
            \(rows.map(\.event.time)), \(rows.map(\.attributes)), \(rows.map(\.event.payload))
        ) with ordinality as new (tenant_id, kind, subject_id, time, attributes, payload, number)
        """
    }

    private struct NewRow {
        var event: NewEvent
        var partition: Int
        var attributes: PostgresJSON

        init(_ event: NewEvent, _ trace: String?) throws {
            var all = event.attributes
            if let trace { all[Event.traceAttribute] = trace }
            let attributes = AttributesJSON.text(all)
            guard attributes.utf8.count + event.payload.count <= eventBytesMax, event.kind.utf8.count <= kindBytesMax else {
                throw EventLogError.tooLarge
            }
            self.event = event
            self.attributes = PostgresJSON(attributes)
            partition = EventLog.partition(of: event.tenantID)
        }
    }
}

/// An event's attributes as a JSON object of strings.
enum AttributesJSON {
    static func text(_ attributes: [String: String]) -> String {
        guard !attributes.isEmpty else { return "{}" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A dictionary of strings has no value that cannot be encoded.
        return try! String(decoding: encoder.encode(attributes), as: UTF8.self)
    }

    static func attributes(_ text: String) throws -> [String: String] {
        text == "{}" ? [:] : try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }
}
