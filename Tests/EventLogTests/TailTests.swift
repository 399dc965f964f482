import CoreMetrics
import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import ServiceRuntime
import Synchronization
import Testing
import Trials

/// The process's metrics, as `/metrics` shows them.
private enum Figures {
    private static let registry: PrometheusRegistry = {
        MetricsSystem.bootstrap(PrometheusRegistry.shared)
        return PrometheusRegistry.shared
    }()

    static func begin() { _ = registry }

    static func value(_ series: String) -> Double? {
        registry.exposition().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.split(separator: " ").last!) }
    }
}

private final class SeenByStream: Sendable {
    private let numbers = Mutex([Int: [String]]())

    func of(_ stream: Int) -> [String] { numbers.withLock { $0[stream] ?? [] } }

    /// - Returns: how many the stream has seen by now.
    func add(_ new: [String], _ stream: Int) -> Int {
        numbers.withLock { numbers in
            numbers[stream, default: []] += new
            return numbers[stream]!.count
        }
    }
}

@Suite(.serialized)
struct TailTests {
    @Test func aThousandStreamsAreServedByOneReader() async throws {
        Figures.begin()
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool({ $0.applicationName = "thousand" }) { pool in
                let log = EventLog(pool)
                let (streams, events) = (1_000, 20)
                let live = Counted()
                let seen = SeenByStream()
                let tenants = [tenant(in: 1), tenant(in: 2)]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for stream in 0..<streams {
                        group.addTask {
                            // Half of them follow one tenant, half all of them.
                            let filter = stream % 2 == 0 ? EventFilter(tenantID: tenants[0]) : EventFilter()
                            for try await batch in log.batches(filter) {
                                if batch.events.isEmpty, batch.isLive { _ = live.next() }
                                let numbers = batch.events.map { $0.attributes["number"]! }
                                if seen.add(numbers, stream) == (stream % 2 == 0 ? events / 2 : events) { return }
                            }
                        }
                    }
                    try await eventually { live.value >= streams }
                    let before = try #require(Figures.value(#"postgres_statements_total{pool="thousand"}"#))
                    for number in 0..<events { try await log.append(pool, [event(tenants[number % 2], number: number)]) }
                    try await group.waitForAll()
                    let after = try #require(Figures.value(#"postgres_statements_total{pool="thousand"}"#))
                    // An append is three statements, a look one, a read one; every stream for itself would make it 20,000.
                    print("1,000 streams, 20 events: \(Int(after - before)) statements")
                    #expect(after - before < 1_000)
                }
                for stream in 0..<streams {
                    let expected = (0..<events).filter { stream % 2 == 1 || $0 % 2 == 0 }.map(String.init)
                    #expect(seen.of(stream).sorted() == expected.sorted())
                }
            }
        }
    }

    @Test func aStreamThatIsFurtherBehindThanTheWindowReadsTheLog() async throws {
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                let tenantID = tenant(in: 7)
                // A stream keeps the tail going while more is appended than it holds.
                var first = log.batches().makeAsyncIterator()
                _ = try await first.next()
                let (chunks, each) = (12, 500)
                for chunk in 0..<chunks {
                    try await log.append(pool, (0..<each).map { event(tenantID, number: chunk * each + $0) })
                }
                let events = try await log.first(chunks * each)
                #expect(audit(events, acknowledged: (0..<chunks * each).map(String.init)) == [])
                var own: [Event] = []
                while own.count < chunks * each { own += try await first.next()?.events ?? [] }
                #expect(audit(own, acknowledged: (0..<chunks * each).map(String.init)) == [])
            }
        }
    }

    /// What is appended at once may be more than the window holds: it begins anew, and a stream that was in the old one, and
    /// reads the log up to the new one, goes on there.
    @Test func aStreamGoesOnInTheWindowThatTakesTheOldOnesPlace() async throws {
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                let tenantID = tenant(in: 7)
                var batches = log.batches().makeAsyncIterator()
                _ = try await batches.next()
                var (seen, appended): ([Event], Int) = ([], 0)
                for count in [10, 5_000, 3, 20] {
                    try await log.append(pool, (0..<count).map { event(tenantID, number: appended + $0) })
                    appended += count
                    while seen.count < appended { seen += try await batches.next()?.events ?? [] }
                }
                #expect(audit(seen, acknowledged: (0..<appended).map(String.init)) == [])
            }
        }
    }

    @Test func streamsOutliveTheirDatabaseConnections() async throws {
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                var batches = log.batches().makeAsyncIterator()
                _ = try await batches.next()
                for number in 0..<5 {
                    try await Administration.execute(
                        script: """
                            select pg_terminate_backend(pid) from pg_stat_activity
                            where usename = 'sample_runtime' and datname = current_database()
                            """, url: database.administratorURL)
                    // The backend may be gone under the append: it is repeated until it is acknowledged.
                    try await eventually { (try? await log.append(pool, [event(tenant(in: 3), number: number)])) != nil }
                    #expect(try await batches.next()?.events.first?.attributes["number"] == "\(number)")
                }
            }
        }
    }

    @Test func aWriterThatHoldsItsPlaceRaisesTheAlarmAndFiguresAreExported() async throws {
        Figures.begin()
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                let running = Task { try await log.run() }
                defer { running.cancel() }
                let alarms = Figures.value(#"event_log_horizon_alarms_total{log="sample"}"#) ?? 0
                try await pool.transaction { holder in
                    try await holder.query("update sample.event_partition set position = position where partition = 1")
                    try await eventually { (Figures.value(#"event_log_horizon_alarms_total{log="sample"}"#) ?? 0) > alarms }
                }
                for name in ["event_log_appended_total", "event_log_streams", "event_log_horizon_age_seconds"] {
                    #expect(Figures.value("\(name){log=\"sample\"}") != nil, "\(name)")
                }
                try await eventually { Figures.value(#"jobs_runnable{log="sample"}"#) != nil }
                for name in ["jobs_leased", "jobs_failed"] { #expect(Figures.value("\(name){log=\"sample\"}") != nil, "\(name)") }
                for name in ["postgres_connections_in_use", "postgres_connections_idle", "postgres_callers_waiting"] {
                    #expect(Figures.value("\(name){pool=\"test\"}") != nil, "\(name)")
                }
            }
        }
    }
}
