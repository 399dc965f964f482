import EndToEndSupport
import Foundation
import GRPC
import RoutingV1
import ServiceRuntime
import Testing

/// The platform team's tool brings the local tenant to where it belongs.
@Suite("Seeding", .serialized)
struct SeedTests {
    @Test("P1: seeding again, also after somebody has changed what was seeded, changes nothing")
    func P1_seedingAgain() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "routing"]) { services in
                let (routing, conversations) = (services["routing"].listen.grpc, services["conversations"].listen.grpc)
                try await withChannel(to: [routing]) { channel in
                    let token = try await platform.agentToken()
                    let admin = CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
                    _ = try await AgentsServiceClient(channel).updateAgent(
                        UpdateAgentRequest(
                            agent: RoutingV1.Agent(agentID: platform.agentIDs[1].text, displayName: "Bea", chatLimit: 3),
                            requestID: UUID().text), admin)
                    let routingClient = RoutingServiceClient(channel)
                    let before = try await routingClient.listAuditEntries(RoutingV1.ListAuditEntriesRequest(pageSize: 200), admin)
                    let said = try await platform.run(
                        "switchboard",
                        [
                            "seed", platform.directory + "/directory.json", "--keys", platform.keys,
                            "--routing", "127.0.0.1:\(routing)", "--conversations", "127.0.0.1:\(conversations)",
                        ])
                    #expect(said.contains("1 departments, 10 agents"), "\(said)")
                    let after = try await routingClient.listAuditEntries(RoutingV1.ListAuditEntriesRequest(pageSize: 200), admin)
                    #expect(before.auditEntries.count > 10 && after == before)
                }
            }
        }
    }
}
