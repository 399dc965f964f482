import ConversationsV1
import Foundation
import GRPC
import Protobuf
import RoutingV1
import ServiceRuntime

/// Puts tenants into routing, by RPC and in the platform's name.
struct Seeding: Sendable {
    let credentials: ServiceCredentials
    let routing: GRPC.Channel
    let conversations: GRPC.Channel
    let deadline: ContinuousClock.Instant

    func close() async {
        await routing.close()
        await conversations.close()
    }

    /// What is there already stays as it is.
    func put(_ tenant: Seeds.Tenant) async throws {
        let (tenants, departments) = (TenantsServiceClient(routing), DepartmentsServiceClient(routing))
        let isNew = try await make(CreateTenantRequest(displayName: tenant.name), \.requestID, of: tenant.id) {
            _ = try await tenants.createTenant($0, $1)
        }
        for department in tenant.departments ?? [] {
            let request = CreateDepartmentRequest(department: department.wire, departmentID: department.id.text)
            try await make(request, \.requestID, of: tenant.id) { _ = try await departments.createDepartment($0, $1) }
        }
        // Before its agents: who sees them sees everything.
        if isNew {
            let first = tenant.departments?.first { $0.default ?? false }
            let settings = TenantSettings(
                queueVisibility: tenant.queueVisibility == "all" ? .all : .departments,
                defaultDepartmentID: first?.id.text ?? "")
            try await make(UpdateTenantSettingsRequest(settings: settings), \.requestID, of: tenant.id) {
                _ = try await tenants.updateTenantSettings($0, $1)
            }
        }
        for agent in tenant.agents ?? [] {
            let request = CreateAgentRequest(agent: agent.wire, agentID: agent.id.text)
            try await make(request, \.requestID, of: tenant.id) {
                _ = try await AgentsServiceClient(routing).createAgent($0, $1)
            }
        }
    }

    /// Until conversations has all of them, who were the last to be told.
    func waitUntilKnown(_ tenant: Seeds.Tenant) async throws {
        let ids = (tenant.agents ?? []).map(\.id.text)
        for start in stride(from: 0, to: ids.count, by: Self.agentsMax) {
            let asked = Array(ids[start..<min(start + Self.agentsMax, ids.count)])
            // Two slots each.
            while try await slots(of: asked, tenant.id) < 2 * asked.count { try await pause("conversations") }
        }
    }

    private static let agentsMax = 50
    private static let pauseLength: Duration = .milliseconds(50)

    private func slots(of agents: [String], _ tenantID: UUID) async throws -> Int {
        let request = ListAgentSlotsRequest(agentIDs: agents, pageSize: 100)
        do {
            let options = try await options(for: tenantID, at: "conversations")
            return try await ConversationsServiceClient(conversations).listAgentSlots(request, options).slots.count
        } catch let error as RPCError where error.code == .unavailable || error.reason == "TENANT_SUSPENDED" {
            // It is starting, or has not heard of the tenant yet.
            return 0
        }
    }

    /// - Returns: whether this made it: what was there before stays.
    @discardableResult
    private func make<Request: Protobuf.Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, of tenantID: UUID,
        _ call: (Request, CallOptions) async throws -> Void
    ) async throws -> Bool {
        var request = request
        request[keyPath: requestID] = Self.derived(request, tenantID)
        while true {
            do {
                try await call(request, try await options(for: tenantID, at: "routing"))
                return true
            } catch let error as RPCError where error.code == .alreadyExists {
                return false
            } catch let error as RPCError where error.code == .unavailable || error.code == .aborted {
                try await pause("routing")
            }
        }
    }

    /// The same request has the same id at every attempt.
    private static func derived(_ request: some Protobuf.Message, _ tenantID: UUID) -> String {
        let name = "seed/\(type(of: request))/\(tenantID.text)/"
        return UUID.derived(from: Array(name.utf8) + request.serialized()).text
    }

    private func options(for tenantID: UUID, at callee: String) async throws -> CallOptions {
        var metadata = Metadata()
        metadata["authorization"] = "Bearer \(try await credentials.token(for: callee))"
        metadata[ServiceCredentials.tenantMetadata] = tenantID.text
        return CallOptions(timeout: .seconds(10), metadata: metadata)
    }

    private func pause(_ service: String) async throws {
        guard ContinuousClock.now < deadline else { throw SeedingError(description: "\(service) does not answer in time") }
        try await Task.sleep(for: Self.pauseLength)
    }
}

struct SeedingError: Error, CustomStringConvertible {
    let description: String
}
