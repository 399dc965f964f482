import GRPC
import Logging
import RoutingV1
import ServiceLifecycle

/// Tells routing who is here: at once of whoever enters, and every 5 s of all, in one call for as long as that lasts.
struct HeartbeatLoop: ServiceLifecycle.Service {
    static let interval: Duration = .seconds(5)
    /// Agents in one message (PresenceService.Heartbeat).
    static let beatsMax = 1_000

    let attendance: Attendance
    let presence: PresenceServiceClient
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                let begun = ContinuousClock.now
                do {
                    try await beat()
                } catch {
                    logger.info("routing does not hear heartbeats", metadata: ["error": "\(error)"])
                }
                if begun.duration(to: .now) > Self.interval * 2 { backoff.reset() }
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    private func beat() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.interval)
                    attendance.itIsTime()
                }
            }
            defer { group.cancelAll() }
            _ = try await presence.heartbeat { requests in
                for await _ in attendance.reasonsToTell() {
                    for beats in Self.messages(attendance.present) { try await requests.write(HeartbeatRequest(beats: beats)) }
                }
            }
        }
    }

    private static func messages(_ present: [Attendance.Agent]) -> [[Beat]] {
        stride(from: 0, to: present.count, by: beatsMax).map { start in
            present[start..<min(start + beatsMax, present.count)].map { Beat(tenantID: $0.tenantID, agentID: $0.agentID) }
        }
    }
}
