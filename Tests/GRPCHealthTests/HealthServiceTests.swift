import GRPC
import GRPCHealth
import GRPCHealthV1
import Testing

@Suite("grpc.health.v1", .timeLimit(.minutes(1)))
struct HealthServiceTests {
    @Test("a watcher sees the status now, each change, and NOT_SERVING at the drain")
    func watch() async throws {
        let health = HealthService(services: ["a.B"])
        let server = Server(services: [health])
        let address = try await server.start()
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: address.port ?? 0)])
        let client = HealthClient(channel)

        var seen: [HealthService.Status] = []
        // The watch ends by itself then, and does not hold the drain up.
        let end = await #expect(throws: RPCError.self) {
            for try await answer in client.watch(HealthCheckRequest(service: "a.B")) {
                seen.append(answer.status)
                switch seen.count {
                case 1: health.setStatus(.notServing, of: "a.B")
                case 2: health.setStatus(.serving, of: "a.B")
                case 3: health.stopServing()
                default: break
                }
            }
        }
        #expect(end?.code == .unavailable)
        #expect(seen == [.serving, .notServing, .serving, .notServing])
        #expect(try await client.check(HealthCheckRequest()).status == .notServing)

        health.setStatus(.serving, of: "a.B")
        #expect(try await client.check(HealthCheckRequest(service: "a.B")).status == .notServing, "a drain is final")

        let error = await #expect(throws: RPCError.self) { try await client.check(HealthCheckRequest(service: "none")) }
        #expect(error?.code == .notFound)
        await channel.close()
        await server.drain(within: .zero)
    }
}
