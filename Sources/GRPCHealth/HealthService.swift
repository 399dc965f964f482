import GRPC
import GRPCHealthV1
import Synchronization

/// `grpc.health.v1.Health`: whether a server, and each of its services, takes calls.
///
/// Register it with a server like any other service; the name "" stands for the server as a whole.
public final class HealthService: HealthProtocol {
    public typealias Status = HealthCheckResponse.ServingStatus

    private struct State {
        var statuses: [String: Status] = [:]
        /// After ``stopServing()`` nothing serves again.
        var isStopped = false
        var watchers: [Int: (service: String, tell: AsyncStream<Void>.Continuation)] = [:]
        var nextWatcher = 0
    }

    private let state = Mutex(State())

    /// The named services, and the server as a whole, start out SERVING.
    public init(services: [String] = []) {
        state.withLock { state in
            for service in [""] + services { state.statuses[service] = .serving }
        }
    }

    /// Sets a service's status; "" is the server as a whole. Without effect after ``stopServing()``.
    public func setStatus(_ status: Status, of service: String = "") {
        let watchers = state.withLock { state in
            guard !state.isStopped, state.statuses[service] != status else { return [AsyncStream<Void>.Continuation]() }
            state.statuses[service] = status
            return state.watchers.values.filter { $0.service == service }.map(\.tell)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Everything is NOT_SERVING from now on: the first step of a drain, so that callers go elsewhere.
    public func stopServing() {
        let watchers = state.withLock { state in
            state.isStopped = true
            for service in state.statuses.keys { state.statuses[service] = .notServing }
            return state.watchers.values.map(\.tell)
        }
        for watcher in watchers { watcher.yield() }
    }

    private func status(_ service: String) -> Status? { state.withLock { $0.statuses[service] } }

    public func check(_ request: HealthCheckRequest, _ context: ServerContext) async throws -> HealthCheckResponse {
        guard let status = status(request.service) else {
            throw RPCError(code: .notFound, message: "unknown service \(request.service)")
        }
        return HealthCheckResponse(status: status)
    }

    /// The status now, then each change; the last one is that the server has stopped serving. A service that is not there is SERVICE_UNKNOWN, and may come.
    public func watch(
        _ request: HealthCheckRequest, _ responses: ResponseWriter<HealthCheckResponse>, _ context: ServerContext
    ) async throws {
        // Only the latest change matters, so one place is enough.
        let (changes, tell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = (request.service, tell)
            return state.nextWatcher
        }
        defer { _ = state.withLock { $0.watchers.removeValue(forKey: key) } }
        tell.yield()
        var last: Status?
        for await _ in changes {
            let (status, isStopped) = state.withLock { ($0.statuses[request.service] ?? .serviceUnknown, $0.isStopped) }
            if status != last {
                last = status
                try await responses.write(HealthCheckResponse(status: status))
            }
            if isStopped { throw RPCError(code: .unavailable, message: "the server is going; watch another one") }
        }
    }
}
