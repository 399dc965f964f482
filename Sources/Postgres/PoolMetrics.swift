import Metrics

/// The counters of one pool. Labels: pool.
struct PoolMetrics: Sendable {
    let statements: Counter
    let opened: Counter
    let failures: Counter
    let timeouts: Counter
    let refusals: Counter
    let retries: Counter
    let cancellations: Counter
    private let acquireTimer: Metrics.Timer

    init(pool: String) {
        let dimensions = [("pool", pool)]
        statements = Counter(label: "postgres_statements_total", dimensions: dimensions)
        opened = Counter(label: "postgres_connections_opened_total", dimensions: dimensions)
        failures = Counter(label: "postgres_connection_failures_total", dimensions: dimensions)
        timeouts = Counter(label: "postgres_acquire_timeouts_total", dimensions: dimensions)
        refusals = Counter(label: "postgres_acquire_refusals_total", dimensions: dimensions)
        retries = Counter(label: "postgres_transaction_retries_total", dimensions: dimensions)
        cancellations = Counter(label: "postgres_cancellations_total", dimensions: dimensions)
        acquireTimer = Metrics.Timer(label: "postgres_acquire_wait_seconds", dimensions: dimensions)
    }

    /// How long a caller waited who found no idle connection.
    func acquire(took duration: Duration) {
        acquireTimer.record(duration: duration)
    }
}
