import GRPCTLS
import ServiceLifecycle

/// Reads the certificates' files again when they change, as long as the service runs.
struct CredentialsWatch: ServiceLifecycle.Service {
    let credentials: Credentials
    let interval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown { await credentials.run(every: interval) }
    }
}
