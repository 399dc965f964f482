import Foundation
import ServiceRuntime

/// Which departments an agent belongs to, for the snippets he sees. Until the routing service publishes it, it comes from the file
/// that SWITCHBOARD_DIRECTORY_FILE names, of which this service reads tenants, their agents and the agents' departments.
struct Memberships: Sendable {
    private var departments: [Member: Set<UUID>] = [:]

    private struct Member: Hashable {
        var tenantID: UUID
        var agentID: UUID
    }

    init() {}

    init(json: Data) throws {
        let file = try JSONDecoder().decode(File.self, from: json)
        for tenant in file.tenants {
            for agent in tenant.agents ?? [] {
                departments[Member(tenantID: tenant.id, agentID: agent.id)] = Set(agent.departments ?? [])
            }
        }
    }

    func departments(of agentID: UUID, in tenantID: UUID) -> Set<UUID> {
        departments[Member(tenantID: tenantID, agentID: agentID), default: []]
    }

    private struct File: Decodable {
        var tenants: [Tenant]

        struct Tenant: Decodable {
            var id: UUID
            var agents: [Agent]?
        }

        struct Agent: Decodable {
            var id: UUID
            var departments: [UUID]?
        }
    }
}

extension Memberships {
    /// Whose snippets a caller sees. Who manages them sees all (C22: Operator and Admin belong to every department), and so does a
    /// service on its own behalf; a bot belongs to no department.
    func viewer(_ principal: Principal) -> SnippetViewer {
        if principal.kind == .service || principal.has(.templatesManage) { return .all }
        guard let tenantID = principal.tenantID, let agentID = principal.agentID else { return .member(of: []) }
        return .member(of: departments(of: agentID, in: tenantID))
    }
}
