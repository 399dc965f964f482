import FoundationEssentials
import GRPC
import Postgres
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

// What a call to routing is about.

extension Scene {
    mutating func makeInRouting(_ kind: Kind) async throws {
        // An earlier call may have suspended the tenant.
        _ = try await TenantsServiceClient(routing).resumeTenant(
            ResumeTenantRequest(requestID: UUID().text), options("service:switchboard", to: "routing"))
        let own = try await options("admin", to: "routing")
        switch kind {
        case .settings: names["tag"] = try await TenantsServiceClient(routing).getTenant(GetTenantRequest(), own).tenant?.etag
        case .department: try await makeDepartment(own)
        case .staff: try await makeStaff(own)
        case .role:
            let role = try await RolesServiceClient(routing).createRole(
                CreateRoleRequest(
                    role: RoutingV1.Role(name: "role-\(UUID().text.prefix(30))", permissions: ["conversations.read"]),
                    requestID: UUID().text), own)
            (names["role"], names["tag"]) = (role.role?.name, role.role?.etag)
        case .apiKey:
            let key = try await ApiKeysServiceClient(routing).createApiKey(
                CreateApiKeyRequest(
                    displayName: "reports", permissions: ["conversations.read"], requestID: UUID().text), own)
            (names["apiKey"], names["tag"]) = (key.apiKey?.apiKeyID, key.apiKey?.etag)
            names["secret"] = key.secret
        case .routed: names["conversation"] = try await place.project(for: tenant)
        default: break
        }
    }

    private mutating func makeDepartment(_ own: CallOptions) async throws {
        let made = try await DepartmentsServiceClient(routing).createDepartment(
            CreateDepartmentRequest(department: Department(displayName: UUID().text), requestID: UUID().text), own)
        (names["unit"], names["tag"]) = (made.department?.departmentID, made.department?.etag)
    }

    private mutating func makeStaff(_ own: CallOptions) async throws {
        let agents = AgentsServiceClient(routing)
        let made = try await agents.createAgent(
            CreateAgentRequest(
                agent: Agent(displayName: UUID().text, roles: ["agent"], departmentIDs: [tenant.department.text]),
                requestID: UUID().text), own)
        (names["staff"], names["tag"]) = (made.agent?.agentID, made.agent?.etag)
        names["moment"] = made.agent?.createTime.map { Instant($0).rfc3339 }
        // Two lines of his history.
        for reason in ["lunch", "training"] {
            _ = try await agents.setAgentStatus(
                SetAgentStatusRequest(
                    agentID: made.agent?.agentID ?? "", availability: .away, reason: reason, requestID: UUID().text), own)
        }
    }

    /// The version of the thing that the call is about has moved on.
    func bumpInRouting() async throws {
        let own = try await options("admin", to: "routing")
        if let id = names["unit"] {
            _ = try await DepartmentsServiceClient(routing).updateDepartment(
                UpdateDepartmentRequest(
                    department: Department(departmentID: id, displayName: UUID().text), requestID: UUID().text), own)
        } else if let id = names["staff"] {
            _ = try await AgentsServiceClient(routing).updateAgent(
                UpdateAgentRequest(agent: Agent(agentID: id, displayName: UUID().text), requestID: UUID().text), own)
        } else if let name = names["role"] {
            _ = try await RolesServiceClient(routing).updateRole(
                UpdateRoleRequest(role: RoutingV1.Role(name: name, displayName: UUID().text), requestID: UUID().text), own)
        } else if let id = names["apiKey"].flatMap({ UUID(uuidString: $0) }) {
            // Nothing that an RPC does to a key leaves it to be revoked in another version.
            _ = try await place.administrator.query(
                "update routing.api_key set version = version + 1 where api_key_id = \(id)")
        } else {
            _ = try await TenantsServiceClient(routing).updateTenantSettings(
                UpdateTenantSettingsRequest(settings: TenantSettings(outcomes: [UUID().text]), requestID: UUID().text), own)
        }
    }
}

extension Place {
    /// The tenants of these tests, as routing knows them.
    func makeTenantsInRouting() async throws {
        let routing = sides[2].channel
        for tenant in [People.own, People.other] {
            let options = CallOptions(
                timeout: .seconds(60),
                metadata: try await callers.metadata("service:switchboard", to: "routing", tenant: tenant.id))
            _ = try await TenantsServiceClient(routing).createTenant(
                CreateTenantRequest(displayName: "T\(tenant.seed)", requestID: UUID().text), options)
            _ = try await DepartmentsServiceClient(routing).createDepartment(
                CreateDepartmentRequest(
                    department: Department(displayName: "Support"), departmentID: tenant.department.text,
                    requestID: UUID().text), options)
            for (id, name) in [(tenant.agent, "Ana"), (tenant.colleague, "Bea")] {
                _ = try await AgentsServiceClient(routing).createAgent(
                    CreateAgentRequest(
                        agent: Agent(displayName: name, roles: ["agent"], departmentIDs: [tenant.department.text]),
                        agentID: id.text, requestID: UUID().text), options)
            }
        }
    }

    /// A queued conversation, as conversations' events would tell routing of it.
    func project(for tenant: People.Tenant) async throws -> String {
        let id = UUID()
        _ = try await administrator.query(
            """
            insert into routing.conversation
                (tenant_id, conversation_id, version, state, state_time, department_id, pool, is_webchat, priority, labels,
                 arrival_time, waiting_on_agent)
            values (\(tenant.id), \(id), 1, 'queued', now(), \(tenant.department), 'chat', true, 2, '{}', now(), true)
            """)
        return id.text
    }
}
