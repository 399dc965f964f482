extension Example {
    static let routing: [String: Example] = tenants.merging(staff) { $1 }.merging(distribution) { $1 }

    private static let tenants: [String: Example] = [
        "routing.v1.TenantsService/CreateTenant": Example(.newTenant, #"{"displayName": "Acme"}"#),
        "routing.v1.TenantsService/GetTenant": Example(.settings, "{}"),
        "routing.v1.TenantsService/UpdateTenantSettings": Example(
            .settings, #"{"settings": {"awayReasons": ["$new"]}, "updateMask": "awayReasons", "etag": "$tag"}"#),
        "routing.v1.TenantsService/SuspendTenant": Example(.settings, "{}"),
        "routing.v1.TenantsService/ResumeTenant": Example(.settings, "{}"),
        "routing.v1.DepartmentsService/CreateDepartment": Example(
            .settings, #"{"department": {"displayName": "$new", "method": "DISTRIBUTION_METHOD_RANDOM"}}"#),
        "routing.v1.DepartmentsService/GetDepartment": Example(.department, #"{"departmentId": "$unit"}"#),
        "routing.v1.DepartmentsService/ListDepartments": Example(.department, "{}"),
        "routing.v1.DepartmentsService/UpdateDepartment": Example(
            .department,
            #"{"department": {"departmentId": "$unit", "displayName": "$new"}, "updateMask": "displayName", "etag": "$tag"}"#),
        "routing.v1.DepartmentsService/ArchiveDepartment": Example(
            .department, #"{"departmentId": "$unit", "etag": "$tag"}"#),
    ]

    private static let staff: [String: Example] = [
        "routing.v1.AgentsService/CreateAgent": Example(
            .settings, #"{"agent": {"displayName": "$new", "roles": ["agent"], "departmentIds": ["$department"]}}"#),
        "routing.v1.AgentsService/GetAgent": Example(.staff, #"{"agentId": "$staff"}"#),
        "routing.v1.AgentsService/ListAgents": Example(.staff, "{}"),
        "routing.v1.AgentsService/UpdateAgent": Example(
            .staff, #"{"agent": {"agentId": "$staff", "displayName": "$new"}, "updateMask": "displayName", "etag": "$tag"}"#),
        "routing.v1.AgentsService/DeactivateAgent": Example(.staff, #"{"agentId": "$staff", "etag": "$tag"}"#),
        "routing.v1.AgentsService/SetAgentStatus": Example(
            .staff, #"{"agentId": "$staff", "availability": "AVAILABILITY_STATE_AWAY", "reason": "meeting"}"#),
        "routing.v1.AgentsService/ListStatusHistory": Example(.staff, #"{"agentId": "$staff"}"#),
        "routing.v1.AgentReportsService/GetAgentReport": Example(
            .staff, #"{"startTime": "$yesterday", "endTime": "$tomorrow"}"#),
        "routing.v1.AgentReportsService/GetAgentSnapshot": Example(
            .staff, #"{"agentId": "$staff", "readTime": "$moment"}"#),
        "routing.v1.RolesService/CreateRole": Example(
            .settings, #"{"role": {"name": "r$new", "displayName": "Auditor", "permissions": ["conversations.read"]}}"#),
        "routing.v1.RolesService/GetRole": Example(.role, #"{"name": "$role"}"#),
        "routing.v1.RolesService/ListRoles": Example(.role, "{}"),
        "routing.v1.RolesService/UpdateRole": Example(
            .role, #"{"role": {"name": "$role", "displayName": "$new"}, "updateMask": "displayName", "etag": "$tag"}"#),
        "routing.v1.RolesService/DeleteRole": Example(.role, #"{"name": "$role", "etag": "$tag"}"#),
        "routing.v1.ApiKeysService/CreateApiKey": Example(
            .settings, #"{"displayName": "$new", "permissions": ["conversations.read"]}"#),
        "routing.v1.ApiKeysService/GetApiKey": Example(.apiKey, #"{"apiKeyId": "$apiKey"}"#),
        "routing.v1.ApiKeysService/ListApiKeys": Example(.apiKey, "{}"),
        "routing.v1.ApiKeysService/RevokeApiKey": Example(.apiKey, #"{"apiKeyId": "$apiKey", "etag": "$tag"}"#),
        "routing.v1.ApiKeysService/ExchangeApiKey": Example(.apiKey, #"{"secret": "$secret"}"#),
    ]

    private static let distribution: [String: Example] = [
        "routing.v1.PresenceService/Heartbeat": Example(.settings, #"{"beats": [{"tenantId": "$tenant", "agentId": "$agent"}]}"#),
        "routing.v1.PresenceService/SignOut": Example(.settings, "{}"),
        "routing.v1.PresenceService/BeatAsBot": Example(.settings, "{}"),
        "routing.v1.RoutingService/ExplainRoute": Example(.routed, #"{"conversationId": "$conversation"}"#),
        "routing.v1.RoutingService/GetBoard": Example(.routed, "{}"),
        "routing.v1.RoutingService/ListTransferTargets": Example(.routed, #"{"conversationId": "$conversation"}"#),
        "routing.v1.RoutingService/ListAuditEntries": Example(.settings, "{}"),
        "routing.v1.RoutingService/Watch": Example(.settings, "{}"),
    ]
}
