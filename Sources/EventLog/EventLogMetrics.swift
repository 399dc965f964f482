import Metrics

/// What one log tells of itself. Labels: log.
struct EventLogMetrics: Sendable {
    /// Events this process has committed.
    let appended: Counter
    /// Streams this process serves.
    let streams: Gauge
    /// Looks at the log's counters, on behalf of all streams together.
    let looks: Counter
    /// Reads of streams that were further behind than what the process keeps.
    let replays: Counter
    /// Seconds that the oldest transaction has held a place in the log without committing: its partition's streams stand still
    /// behind it.
    let horizonAge: Gauge
    /// Measurements in which that was over `EventLog.horizonAgeMax`.
    let horizonAlarms: Counter
    let jobsRunnable: Gauge
    let jobsLeased: Gauge
    let jobsFailed: Gauge

    init(log: String) {
        let dimensions = [("log", log)]
        appended = Counter(label: "event_log_appended_total", dimensions: dimensions)
        streams = Gauge(label: "event_log_streams", dimensions: dimensions)
        looks = Counter(label: "event_log_looks_total", dimensions: dimensions)
        replays = Counter(label: "event_log_replays_total", dimensions: dimensions)
        horizonAge = Gauge(label: "event_log_horizon_age_seconds", dimensions: dimensions)
        horizonAlarms = Counter(label: "event_log_horizon_alarms_total", dimensions: dimensions)
        jobsRunnable = Gauge(label: "jobs_runnable", dimensions: dimensions)
        jobsLeased = Gauge(label: "jobs_leased", dimensions: dimensions)
        jobsFailed = Gauge(label: "jobs_failed", dimensions: dimensions)
    }
}
