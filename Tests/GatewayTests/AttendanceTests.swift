import GRPC
import Logging
import RoutingV1
import Synchronization
import Testing

@testable import Gateway

@Suite("Who is here")
struct AttendanceTests {
    private static let ana = Attendance.Agent(tenantID: "t", agentID: "ana")
    private static let bea = Attendance.Agent(tenantID: "t", agentID: "bea")

    @Test("C35: an agent is here for as long as one of his streams lasts")
    func C35_streams() {
        let attendance = Attendance()
        attendance.enter(Self.ana)
        attendance.enter(Self.ana)
        attendance.enter(Self.bea)
        #expect(Set(attendance.present) == [Self.ana, Self.bea])
        attendance.leave(Self.ana)
        #expect(Set(attendance.present) == [Self.ana, Self.bea])
        attendance.leave(Self.ana)
        attendance.leave(Self.ana)
        #expect(attendance.present == [Self.bea])
    }

    @Test("C35: routing hears at once of whoever enters, in one call, and again after it was away", .timeLimit(.minutes(1)))
    func C35_heartbeats() async throws {
        let presence = FakePresence()
        let server = GRPC.Server(services: [presence])
        let port = try #require(try await server.start().port)
        let channel = GRPC.Channel(addresses: [ServerAddress(host: "127.0.0.1", port: port)])
        let attendance = Attendance()
        let loop = HeartbeatLoop(
            attendance: attendance, presence: PresenceServiceClient(channel),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        attendance.enter(Self.ana)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await loop.run() }
            await presence.heard { $0.contains("ana") }
            attendance.enter(Self.bea)
            await presence.heard { $0.contains("bea") }
            group.cancelAll()
        }
        await channel.close()
    }
}

/// Routing's ears.
private final class FakePresence: PresenceServiceProtocol, Sendable {
    private let agents = Mutex<Set<String>>([])

    func heartbeat(_ requests: RequestStream<HeartbeatRequest>, _ context: ServerContext) async throws -> HeartbeatResponse {
        for try await request in requests {
            agents.withLock { $0.formUnion(request.beats.map(\.agentID)) }
        }
        return HeartbeatResponse()
    }

    func heard(_ condition: (Set<String>) -> Bool) async {
        while !condition(agents.withLock({ $0 })) { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
