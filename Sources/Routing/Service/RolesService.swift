import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime

/// Roles (C34): the built-in ones are compiled in, the tenant's own are rows.
struct RolesService: RolesServiceProtocol {
    let surroundings: Surroundings

    func createRole(_ request: CreateRoleRequest, _ context: ServerContext) async throws -> CreateRoleResponse {
        var reading = RequestReading(request)
        let wire = request.role ?? .init()
        let name = reading.roleName(wire.name, "role.name")
        let (fields, _) = reading.role(wire)
        try reading.finish()
        try context.principal.requireGrantable(fields.permissions)
        return try await surroundings.write(request, \.requestID, context) { work in
            let role = CustomRole(name: name, fields: fields, createTime: work.now, updateTime: work.now, version: 1)
            guard BuiltInRole(rawValue: name) == nil, try await work.store.insert(role) else {
                throw RoutingError.roleExists(name)
            }
            try await work.note(.role(name), subject: name)
            return CreateRoleResponse(role: role.wire)
        }
    }

    func getRole(_ request: GetRoleRequest, _ context: ServerContext) async throws -> GetRoleResponse {
        var reading = RequestReading(request)
        _ = reading.roleName(request.name, "name")
        try reading.finish()
        if let builtIn = BuiltInRole(rawValue: request.name) { return GetRoleResponse(role: builtIn.wire) }
        let role = try await surroundings.read(context) { store in try await store.role(request.name) }
        guard let role else { throw RoutingError.roleNotFound(request.name) }
        return GetRoleResponse(role: role.wire)
    }

    func listRoles(_ request: ListRolesRequest, _ context: ServerContext) async throws -> ListRolesResponse {
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListRoles", try context.tenantID.text]
        let place = try surroundings.pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)?.first
        // The first page begins with the built-in ones, which do not count against its size: they are four.
        let builtIn = place == nil ? BuiltInRole.allCases.map(\.wire) : []
        let found = try await surroundings.read(context) { store in try await store.roles(after: place, limit: limit + 1) }
        let page = found.prefix(limit)
        var response = ListRolesResponse(roles: builtIn + page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = surroundings.pageTokens.token(after: [last.name], arguments: arguments)
        }
        return response
    }

    func updateRole(_ request: UpdateRoleRequest, _ context: ServerContext) async throws -> UpdateRoleResponse {
        var reading = RequestReading(request)
        let wire = request.role ?? .init()
        _ = reading.roleName(wire.name, "role.name")
        let (fields, populated) = reading.role(wire)
        let mask = try CustomRole.Fields.writable.mask(
            request.updateMask, populated: populated, outputOnly: CustomRole.Fields.outputOnly)
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag.isEmpty ? wire.etag : request.etag)
        if mask.contains("permissions") { try context.principal.requireGrantable(fields.permissions) }
        return try await surroundings.write(request, \.requestID, context) { work in
            var role = try await work.ownRole(wire.name, version: version)
            let before = role.fields
            role.fields = CustomRole.Fields.writable.applied(mask, of: fields, to: role.fields)
            let paths = CustomRole.Fields.writable.changedPaths(from: before, to: role.fields)
            guard !paths.isEmpty else { return UpdateRoleResponse(role: role.wire) }
            role.version += 1
            role.updateTime = work.now
            try await work.store.update(role)
            try await work.note(.role(role.name), subject: role.name, paths: paths)
            return UpdateRoleResponse(role: role.wire)
        }
    }

    func deleteRole(_ request: DeleteRoleRequest, _ context: ServerContext) async throws -> DeleteRoleResponse {
        var reading = RequestReading(request)
        _ = reading.roleName(request.name, "name")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            let role = try await work.ownRole(request.name, version: version)
            guard try await !work.store.isRoleInUse(role.name) else { throw RoutingError.roleInUse(role.name) }
            try await work.store.deleteRole(role.name)
            try await work.note(.role(role.name), subject: role.name)
            return DeleteRoleResponse()
        }
    }
}

extension RoutingWork {
    /// A role of the tenant's own, locked, if it is of the expected version (`nil`: of any).
    fileprivate func ownRole(_ name: String, version: Int64?) async throws -> CustomRole {
        guard BuiltInRole(rawValue: name) == nil else { throw RoutingError.roleBuiltIn(name) }
        guard let role = try await store.lockedRole(name) else { throw RoutingError.roleNotFound(name) }
        guard version == nil || version == role.version else { throw RoutingError.etagMismatch }
        return role
    }
}

extension Principal {
    /// - Throws: PERMISSION_NOT_YOURS: whoever may hand out permissions must not climb by it.
    func requireGrantable(_ permissions: [Permission]) throws(RoutingError) {
        let missing = permissions.filter { !has($0) }
        guard missing.isEmpty else { throw .permissionNotYours(missing) }
    }
}
