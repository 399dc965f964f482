import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

private typealias Department = RoutingV1.Department
private typealias Agent = RoutingV1.Agent

@Suite("Tenants, departments, agents, roles")
struct DirectoryTests {
    @Test("P2: a tenant is created once, reads only while suspended, and works again when resumed")
    func P2_lifeOfATenant() async throws {
        try await withRouting { routing in
            let again = await refusal {
                _ = try await routing.tenants.createTenant(
                    CreateTenantRequest(displayName: "Acme", requestID: UUID().text),
                    routing.platform(TenantsServiceDescriptor.createTenant))
            }
            #expect(again == "ALREADY_EXISTS/TENANT_EXISTS")
            let support = try await routing.department("Support")
            let suspended = try await routing.tenants.suspendTenant(
                SuspendTenantRequest(requestID: UUID().text), routing.platform(TenantsServiceDescriptor.suspendTenant))
            #expect(suspended.tenant?.state == .suspended)
            let refused = await refusal { _ = try await routing.department("Sales") }
            #expect(refused == "PERMISSION_DENIED/TENANT_SUSPENDED")
            let read = try await routing.departments.getDepartment(
                GetDepartmentRequest(departmentID: support.departmentID), routing.call(DepartmentsServiceDescriptor.getDepartment)
            )
            #expect(read.department?.displayName == "Support")
            _ = try await routing.tenants.resumeTenant(
                ResumeTenantRequest(requestID: UUID().text), routing.platform(TenantsServiceDescriptor.resumeTenant))
            _ = try await routing.department("Sales")
            let stranger = await refusal {
                _ = try await routing.tenants.getTenant(
                    GetTenantRequest(), routing.call(TenantsServiceDescriptor.getTenant, tenant: .v7(at: .now)))
            }
            #expect(stranger == "PERMISSION_DENIED/TENANT_SUSPENDED")
        }
    }

    @Test("S20: a department is registered with its method and rules, which an update changes where its mask says so")
    func S20_rules() async throws {
        try await withRouting { routing in
            let made = try await routing.department("Support", method: .leastBusy) { department in
                department.offerTimeout = .init(seconds: 90, nanos: 0)
                department.ownerFallback = OwnerFallback(wait: .init(seconds: 120, nanos: 0), method: .random)
                department.workingHours = RoutingV1.WorkingHours(
                    timeZone: "America/Sao_Paulo",
                    week: [WeeklyInterval(weekday: .monday, hours: DayInterval(openMinute: 540, closeMinute: 1_080))],
                    holidays: [Holiday(firstDate: "2026-12-25", title: "Christmas")])
            }
            #expect(made.method == .leastBusy && made.offerTimeout?.seconds == 90 && made.ownerFallback?.method == .random)
            #expect(made.workingHours?.week.first?.hours?.closeMinute == 1_080)
            #expect(made.chatLimit == 5 && made.acceptMode == .explicit && made.restoreWithin?.seconds == 600)
            let id = made.departmentID
            let request = UpdateDepartmentRequest(
                department: Department(departmentID: id, method: .owner, chatLimit: 9), updateMask: .init(paths: ["method"]),
                etag: made.etag, requestID: UUID().text)
            let call = { routing.call(DepartmentsServiceDescriptor.updateDepartment) }
            let updated = try await routing.departments.updateDepartment(request, call())
            #expect(updated.department?.method == .owner && updated.department?.chatLimit == 5)
            #expect(updated.department?.workingHours == made.workingHours)
            let repeated = try await routing.departments.updateDepartment(request, call())
            #expect(repeated == updated)
            var stale = request
            stale.requestID = UUID().text
            let conflict = await refusal { _ = try await routing.departments.updateDepartment(stale, call()) }
            #expect(conflict == "ABORTED/ETAG_MISMATCH")
            let taken = await refusal { _ = try await routing.department("SUPPORT") }
            #expect(taken == "ALREADY_EXISTS/NAME_TAKEN")
            for wrong in ["Mars/Olympus", ""] {
                let refused = await refusal {
                    _ = try await routing.department("Odd") { $0.workingHours = RoutingV1.WorkingHours(timeZone: wrong) }
                }
                #expect(refused == "INVALID_ARGUMENT/INVALID_FIELD")
            }
        }
    }

    @Test("C41: a department is archived, not deleted; its members and the tenant's default go to the successor")
    func C41_archive() async throws {
        try await withRouting { routing in
            let (old, new) = (try await routing.department("Old"), try await routing.department("New"))
            let ana = try await routing.agent("Ana", in: [old])
            _ = try await routing.tenants.updateTenantSettings(
                UpdateTenantSettingsRequest(
                    settings: .init(defaultDepartmentID: old.departmentID), requestID: UUID().text),
                routing.call(TenantsServiceDescriptor.updateTenantSettings))
            func archive(to successor: String) async throws -> Department? {
                try await routing.departments.archiveDepartment(
                    ArchiveDepartmentRequest(
                        departmentID: old.departmentID, successorID: successor, requestID: UUID().text),
                    routing.call(DepartmentsServiceDescriptor.archiveDepartment)
                ).department
            }
            #expect(await refusal { _ = try await archive(to: "") } == "FAILED_PRECONDITION/DEPARTMENT_IS_DEFAULT")
            #expect(await refusal { _ = try await archive(to: UUID().text) } == "NOT_FOUND/DEPARTMENT_NOT_FOUND")
            let archived = try await archive(to: new.departmentID)
            #expect(archived?.state == .archived && archived?.successorID == new.departmentID)
            #expect(try await routing.current(ana).departmentIDs == [new.departmentID])
            let tenant = try await routing.tenants.getTenant(
                GetTenantRequest(), routing.call(TenantsServiceDescriptor.getTenant))
            #expect(tenant.tenant?.settings?.defaultDepartmentID == new.departmentID)
            #expect(await refusal { _ = try await archive(to: new.departmentID) } == "FAILED_PRECONDITION/DEPARTMENT_ARCHIVED")
            // Its name is free again, and nothing new points to it.
            _ = try await routing.department("Old")
            #expect(await refusal { _ = try await routing.agent("Bea", in: [old]) } == "NOT_FOUND/DEPARTMENT_NOT_FOUND")
        }
    }

    @Test("C10: an agent carries his own limit, else the highest of his departments', else 5")
    func C10_limits() async throws {
        try await withRouting { routing in
            let small = try await routing.department("Small") { $0.chatLimit = 3 }
            let large = try await routing.department("Large") { $0.chatLimit = 8 }
            #expect(try await routing.agent("None").effectiveChatLimit == 5)
            #expect(try await routing.agent("One", in: [small]).effectiveChatLimit == 3)
            #expect(try await routing.agent("Both", in: [small, large]).effectiveChatLimit == 8)
            #expect(try await routing.agent("Own", in: [large]) { $0.chatLimit = 2 }.effectiveChatLimit == 2)
            for limit in [-1, 101] as [Int32] {
                let refused = await refusal { _ = try await routing.agent("Odd") { $0.chatLimit = limit } }
                #expect(refused == "INVALID_ARGUMENT/INVALID_FIELD")
            }
        }
    }

    @Test("C34: the built-in roles stand; a tenant makes others, but grants nothing that its maker lacks")
    func C34_roles() async throws {
        try await withRouting { routing in
            func create(_ name: String, _ permissions: [String], as roles: [String] = ["admin"]) async throws -> RoutingV1.Role? {
                try await routing.roles.createRole(
                    CreateRoleRequest(role: RoutingV1.Role(name: name, permissions: permissions), requestID: UUID().text),
                    routing.call(RolesServiceDescriptor.createRole, roles: roles)
                ).role
            }
            let auditor = try await create("auditor", ["conversations.read", "audit.read"])
            #expect(auditor?.permissions == ["audit.read", "conversations.read"])
            let listed = try await routing.roles.listRoles(ListRolesRequest(), routing.call(RolesServiceDescriptor.listRoles))
            #expect(listed.roles.map(\.name) == ["viewer", "agent", "operator", "admin", "auditor"])
            #expect(listed.roles.prefix(4).allSatisfy { $0.builtIn })
            let climbing = await refusal { _ = try await create("more", ["roles.manage"], as: ["operator"]) }
            #expect(climbing == "PERMISSION_DENIED/PERMISSION_NOT_YOURS")
            #expect(await refusal { _ = try await create("admin", []) } == "ALREADY_EXISTS/ROLE_EXISTS")
            #expect(await refusal { _ = try await create("x", ["no.such"]) } == "INVALID_ARGUMENT/INVALID_FIELD")
            let ana = try await routing.agent("Ana") { $0.roles = ["auditor"] }
            func delete(_ name: String) async throws {
                _ = try await routing.roles.deleteRole(
                    DeleteRoleRequest(name: name, requestID: UUID().text), routing.call(RolesServiceDescriptor.deleteRole))
            }
            #expect(await refusal { try await delete("auditor") } == "FAILED_PRECONDITION/ROLE_IN_USE")
            #expect(await refusal { try await delete("agent") } == "FAILED_PRECONDITION/ROLE_BUILT_IN")
            _ = try await routing.agents.updateAgent(
                UpdateAgentRequest(
                    agent: Agent(agentID: ana.agentID, roles: ["agent"]), requestID: UUID().text),
                routing.call(AgentsServiceDescriptor.updateAgent))
            try await delete("auditor")
            #expect(await refusal { _ = try await routing.agent("Bea") { $0.roles = ["auditor"] } } == "NOT_FOUND/ROLE_NOT_FOUND")
        }
    }

    @Test("P7: every change leaves a line with who, what, when and which fields")
    func P7_trail() async throws {
        try await withRouting { routing in
            let support = try await routing.department("Support")
            try routing.advance(by: .seconds(60))
            _ = try await routing.departments.updateDepartment(
                UpdateDepartmentRequest(
                    department: Department(departmentID: support.departmentID, method: .random, chatLimit: 7),
                    requestID: UUID().text), routing.call(DepartmentsServiceDescriptor.updateDepartment))
            let trail = try await routing.routing.listAuditEntries(
                RoutingV1.ListAuditEntriesRequest(subject: support.departmentID),
                routing.call(RoutingServiceDescriptor.listAuditEntries))
            #expect(trail.auditEntries.map(\.action) == ["UpdateDepartment", "CreateDepartment"])
            #expect(trail.auditEntries[0].changedPaths == ["method", "chat_limit"])
            #expect(trail.auditEntries.allSatisfy { $0.actor == "agent:\(routing.adminID)" })
            #expect(trail.auditEntries[0].occurTime == Timestamp(routing.now))
        }
    }

    @Test("the event log tells every change, and a reader from the beginning has every row")
    func events() async throws {
        try await withRouting { routing in
            let support = try await routing.department("Support")
            let ana = try await routing.agent("Ana", in: [support])
            try await routing.setStatus(ana, .away, reason: "lunch")
            let (department, agent) = (DepartmentID(support.departmentID)!, AgentID(ana.agentID)!)
            #expect(
                try await routing.events() == [
                    .tenant(routing.tenantID), .department(department), .agent(agent), .status(agent, .away),
                ])
        }
    }

    @Test("lists go by name, page by page, and leave out what is over unless it is asked for")
    func lists() async throws {
        try await withRouting { routing in
            for name in ["delta", "Alpha", "charlie", "Bravo", "Echo"] { _ = try await routing.agent(name) }
            let gone = try await routing.agent("Aaron")
            _ = try await routing.agents.deactivateAgent(
                DeactivateAgentRequest(agentID: gone.agentID, requestID: UUID().text),
                routing.call(AgentsServiceDescriptor.deactivateAgent))
            var (names, token): ([String], String) = ([], "")
            repeat {
                let page = try await routing.agents.listAgents(
                    ListAgentsRequest(pageSize: 2, pageToken: token), routing.call(AgentsServiceDescriptor.listAgents))
                names += page.agents.map(\.displayName)
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(names == ["Alpha", "Bravo", "charlie", "delta", "Echo"])
            let all = try await routing.agents.listAgents(
                ListAgentsRequest(showDeactivated: true), routing.call(AgentsServiceDescriptor.listAgents))
            #expect(all.agents.first?.displayName == "Aaron" && all.agents.count == 6)
        }
    }
}

@Suite("API keys")
struct APIKeyTests {
    @Test("P8: only a hash is stored; a key opens with its secret alone, until it expires or is revoked; its use is noted")
    func P8_lifeOfAKey() async throws {
        try await withRouting { routing in
            let request = CreateApiKeyRequest(
                displayName: "reports", permissions: ["conversations.read"],
                expireTime: Timestamp(routing.now.advanced(by: .seconds(3_600))), requestID: UUID().text)
            let call = routing.call(ApiKeysServiceDescriptor.createApiKey)
            let made = try await routing.keys.createApiKey(request, call)
            let again = try await routing.keys.createApiKey(request, routing.call(ApiKeysServiceDescriptor.createApiKey))
            #expect(again == made, "told again to the same request, and to no other")
            let id = try #require(made.apiKey?.apiKeyID)
            #expect(made.secret.hasPrefix("sk_\(id)_"))
            let secret = try #require(APIKeySecrets.parse(made.secret)?.secret)
            try await noSecretIsStored(secret, made.secret, routing)

            func exchange(_ text: String) async throws -> ExchangeApiKeyResponse {
                try await routing.keys.exchangeApiKey(
                    ExchangeApiKeyRequest(secret: text), ServerContext(method: ApiKeysServiceDescriptor.exchangeApiKey))
            }
            #expect(try await !exchange(made.secret).accessToken.isEmpty)
            let read = try await routing.keys.getApiKey(
                GetApiKeyRequest(apiKeyID: id), routing.call(ApiKeysServiceDescriptor.getApiKey))
            #expect(read.apiKey?.lastUseTime == Timestamp(routing.now) && read.apiKey?.state == .active)
            let other = String(made.secret.dropLast(2)) + (made.secret.hasSuffix("AA") ? "BA" : "AA")
            for wrong in [other, "sk_\(UUID().text)_\(made.secret.suffix(43))", "nonsense"] {
                #expect(await refusal { _ = try await exchange(wrong) } == "UNAUTHENTICATED/API_KEY_INVALID", "\(wrong)")
            }
            try routing.advance(by: .seconds(3_600))
            #expect(await refusal { _ = try await exchange(made.secret) } == "UNAUTHENTICATED/API_KEY_INVALID")
        }
    }

    private func noSecretIsStored(_ secret: [UInt8], _ text: String, _ routing: RoutingFixture) async throws {
        let (stored, answers) = try await routing.surroundings.transaction(routing.tenantID, readOnly: true) { store in
            let keys = try await store.transaction.query("select secret_hash from routing.api_key")
            let answers = try await store.transaction.query("select answer from routing.idempotent_request")
            return (try keys[0].decode([UInt8].self), try answers.map { try $0.decode([UInt8].self) })
        }
        #expect(stored == APIKeySecrets.hash(secret) && stored != secret)
        for answer in answers { #expect(!String(decoding: answer, as: UTF8.self).contains(text.suffix(20))) }
    }

    @Test("P8: a revoked key opens nothing more, and nobody gives a key more than he has")
    func P8_revoke() async throws {
        try await withRouting { routing in
            func create(_ permissions: [String], as roles: [String]) async throws -> CreateApiKeyResponse {
                try await routing.keys.createApiKey(
                    CreateApiKeyRequest(displayName: "k", permissions: permissions, requestID: UUID().text),
                    routing.call(ApiKeysServiceDescriptor.createApiKey, roles: roles))
            }
            let climbing = await refusal { _ = try await create(["keys.manage"], as: ["operator"]) }
            #expect(climbing == "PERMISSION_DENIED/PERMISSION_NOT_YOURS")
            let made = try await create(["contacts.read"], as: ["admin"])
            let revoke = RevokeApiKeyRequest(apiKeyID: made.apiKey?.apiKeyID ?? "", requestID: UUID().text)
            let revoked = try await routing.keys.revokeApiKey(revoke, routing.call(ApiKeysServiceDescriptor.revokeApiKey))
            #expect(revoked.apiKey?.state == .revoked)
            let refused = await refusal {
                _ = try await routing.keys.exchangeApiKey(
                    ExchangeApiKeyRequest(secret: made.secret), ServerContext(method: ApiKeysServiceDescriptor.exchangeApiKey))
            }
            #expect(refused == "UNAUTHENTICATED/API_KEY_INVALID")
        }
    }
}
