import EventLog
import FoundationEssentials
import ServiceRuntime

extension Surroundings {
    static let jobKinds = [Work.linkJob, Work.warnJob, Remeasuring.kind]

    /// Runs this service's jobs.
    func jobWorker(_ conversations: ConversationsClient) -> JobWorker {
        JobWorker(kinds: Self.jobKinds, schema: Self.schema, pool: pool, logger: logger) { job in
            switch job.kind {
            case Remeasuring.kind: try Remeasuring(surroundings: self).perform(job)
            case Work.warnJob: try await conversations.warn(job)
            default: try await conversations.link(job)
            }
        }
    }
}

/// When no job waits or runs, for `POST /test/settle`.
struct JobSettler: Settler {
    static let pollInterval: Duration = .milliseconds(5)

    let jobs: JobQueue

    var settlerName: String { "tickets.jobs" }

    func settle() async throws -> Bool {
        guard try await jobs.count(kinds: Surroundings.jobKinds) > 0 else { return false }
        repeat {
            try await Task.sleep(for: Self.pollInterval)
        } while try await jobs.count(kinds: Surroundings.jobKinds) > 0
        return true
    }
}
