import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import WallTime

/// Tenants (P2).
struct TenantsService: TenantsServiceProtocol {
    let surroundings: Surroundings

    func createTenant(_ request: CreateTenantRequest, _ context: ServerContext) async throws -> CreateTenantResponse {
        var reading = RequestReading(request)
        reading.violations.text(request.displayName, "display_name", 1...200)
        try reading.finish()
        // There is no tenant yet that could be suspended.
        return try await surroundings.write(request, \.requestID, context, suspended: true) { work in
            let tenant = Tenant(
                id: work.tenantID, name: request.displayName, state: .active, settings: TenantSettings(),
                createTime: work.now, updateTime: work.now, version: 1)
            guard try await work.store.insert(tenant) else { throw RoutingError.tenantExists }
            try await work.note(.tenant(tenant.id), subject: tenant.id.text)
            return CreateTenantResponse(tenant: tenant.wire)
        }
    }

    func getTenant(_ request: GetTenantRequest, _ context: ServerContext) async throws -> GetTenantResponse {
        let tenant = try await surroundings.read(context) { store in try await store.tenant() }
        guard let tenant else { throw RoutingError.tenantSuspended }
        return GetTenantResponse(tenant: tenant.wire)
    }

    func updateTenantSettings(
        _ request: UpdateTenantSettingsRequest, _ context: ServerContext
    ) async throws -> UpdateTenantSettingsResponse {
        var reading = RequestReading(request)
        let (settings, populated) = reading.settings(request.settings ?? .init())
        try reading.finish()
        let mask = try TenantSettings.writable.mask(request.updateMask, populated: populated, outputOnly: [])
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            let tenant = try await work.changeTenant(version: version) { tenant in
                tenant.settings = TenantSettings.writable.applied(mask, of: settings, to: tenant.settings)
            }
            return UpdateTenantSettingsResponse(tenant: tenant.wire)
        }
    }

    func suspendTenant(_ request: SuspendTenantRequest, _ context: ServerContext) async throws -> SuspendTenantResponse {
        try RequestReading(request).finish()
        return try await surroundings.write(request, \.requestID, context, suspended: true) { work in
            SuspendTenantResponse(tenant: try await work.changeTenant { $0.state = .suspended }.wire)
        }
    }

    func resumeTenant(_ request: ResumeTenantRequest, _ context: ServerContext) async throws -> ResumeTenantResponse {
        try RequestReading(request).finish()
        return try await surroundings.write(request, \.requestID, context, suspended: true) { work in
            ResumeTenantResponse(tenant: try await work.changeTenant { $0.state = .active }.wire)
        }
    }
}

extension RoutingWork {
    /// Changes the tenant, if that makes it another.
    fileprivate func changeTenant(version: Int64? = nil, _ change: (inout Tenant) -> Void) async throws -> Tenant {
        guard var tenant = try await store.lockedTenant() else { throw RoutingError.tenantSuspended }
        guard version == nil || version == tenant.version else { throw RoutingError.etagMismatch }
        let before = tenant
        change(&tenant)
        guard tenant != before else { return tenant }
        if let department = tenant.settings.defaultDepartment, department != before.settings.defaultDepartment {
            try await requireActive([DepartmentID(department)])
        }
        tenant.version += 1
        tenant.updateTime = now
        try await store.update(tenant)
        let paths = TenantSettings.writable.changedPaths(from: before.settings, to: tenant.settings)
        if !Set(paths).isDisjoint(with: ["method", "owner_fallback"]) {
            let departments = try await store.departments(archived: false, after: nil, limit: RoutingService.departmentsMax)
            try await surroundings.wantDispatch(of: departments.map(\.id).map(Optional.some) + [nil], store)
        }
        try await note(
            .tenant(tenant.id), subject: tenant.id.text, paths: paths + (tenant.state == before.state ? [] : ["state"]))
        return tenant
    }

    /// - Throws: DEPARTMENT_NOT_FOUND, also for one that is archived: nothing new points to it.
    func requireActive(_ ids: [DepartmentID]) async throws {
        let active = Set(try await store.departments(ids).filter { $0.state == .active }.map(\.id))
        if let missing = ids.first(where: { !active.contains($0) }) { throw RoutingError.departmentNotFound(missing) }
    }
}
