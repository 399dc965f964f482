import Metrics

/// What one pool tells of itself. Labels: pool.
struct PoolMetrics: Sendable {
    let statements: Counter
    let opened: Counter
    let failures: Counter
    let timeouts: Counter
    let refusals: Counter
    let retries: Counter
    let cancellations: Counter
    private let acquireTimer: Metrics.Timer
    private let inUse: Gauge
    private let idle: Gauge
    private let waiting: Gauge

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
        inUse = Gauge(label: "postgres_connections_in_use", dimensions: dimensions)
        idle = Gauge(label: "postgres_connections_idle", dimensions: dimensions)
        waiting = Gauge(label: "postgres_callers_waiting", dimensions: dimensions)
    }

    /// How the pool stands at this moment.
    func sample(inUse: Int, idle: Int, waiting: Int) {
        self.inUse.record(inUse)
        self.idle.record(idle)
        self.waiting.record(waiting)
    }

    /// How long a caller waited who found no idle connection.
    func acquire(took duration: Duration) {
        acquireTimer.record(duration: duration)
    }
}
