import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import WallTime

/// Departments and their rules (S20, C41).
struct DepartmentsService: DepartmentsServiceProtocol {
    let surroundings: Surroundings
    let accounts: any ChannelAccountBook

    func createDepartment(
        _ request: CreateDepartmentRequest, _ context: ServerContext
    ) async throws -> CreateDepartmentResponse {
        var reading = RequestReading(request)
        let (fields, _) = reading.department(request.department ?? .init(), isNew: true)
        let id: DepartmentID? = reading.optionalID(request.departmentID, "department_id")
        try reading.finish()
        return try await surroundings.write(request, \.requestID, context) { work in
            let department = Department(
                id: id ?? DepartmentID(.v7(at: work.now)), state: .active, fields: fields, createTime: work.now,
                updateTime: work.now, version: 1)
            try await work.requireActive(fields.rules.transferDepartments.map(DepartmentID.init))
            guard try await work.store.insert(department) else { throw RoutingError.departmentExists(department.id) }
            try await work.note(.department(department.id), subject: department.id.description)
            return CreateDepartmentResponse(department: department.wire)
        }
    }

    func getDepartment(_ request: GetDepartmentRequest, _ context: ServerContext) async throws -> GetDepartmentResponse {
        var reading = RequestReading(request)
        let id: DepartmentID = reading.id(request.departmentID, "department_id")
        try reading.finish()
        let department = try await surroundings.read(context) { store in try await store.department(id) }
        guard let department else { throw RoutingError.departmentNotFound(id) }
        return GetDepartmentResponse(department: department.wire)
    }

    func listDepartments(
        _ request: ListDepartmentsRequest, _ context: ServerContext
    ) async throws -> ListDepartmentsResponse {
        let limit = try pageSize(request.pageSize)
        let list = NameList(
            surroundings.pageTokens, ["ListDepartments", try context.tenantID.text, "\(request.showArchived)"])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            try await store.departments(archived: request.showArchived, after: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit) { NamePlace(name: $0.fields.name, id: $0.id.uuid) }
        return ListDepartmentsResponse(departments: page.map(\.wire), nextPageToken: token)
    }

    func updateDepartment(
        _ request: UpdateDepartmentRequest, _ context: ServerContext
    ) async throws -> UpdateDepartmentResponse {
        var reading = RequestReading(request)
        let wire = request.department ?? .init()
        let id: DepartmentID = reading.id(wire.departmentID, "department.department_id")
        let (fields, populated) = reading.department(wire, isNew: false)
        let mask = try DepartmentFields.writable.mask(
            request.updateMask, populated: populated, outputOnly: DepartmentFields.outputOnly)
        if mask.contains("display_name") { reading.violations.text(fields.name, "department.display_name", 1...100) }
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag.isEmpty ? wire.etag : request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            var department = try await work.activeDepartment(id, version: version)
            let before = department
            department.fields = DepartmentFields.writable.applied(mask, of: fields, to: department.fields)
            let paths = DepartmentFields.writable.changedPaths(from: before.fields, to: department.fields)
            guard !paths.isEmpty else { return UpdateDepartmentResponse(department: department.wire) }
            if paths.contains("transfer_department_ids") {
                try await work.requireActive(department.fields.rules.transferDepartments.map(DepartmentID.init))
            }
            try await work.store(&department, paths: paths)
            // Who has no limit of his own has the department's: another one is news of him.
            if paths.contains("chat_limit") {
                for member in try await work.store.membersWithoutLimit(of: id) { try await work.tell(.agent(member)) }
            }
            // What waits to be rescued waits as long as is said now (C13).
            if !Set(paths).isDisjoint(with: ["pending_rescue", "working_hours"]) { try await work.moveRescues(in: department) }
            try await surroundings.wantDispatch(of: [id], work.store)
            return UpdateDepartmentResponse(department: department.wire)
        }
    }

    func archiveDepartment(
        _ request: ArchiveDepartmentRequest, _ context: ServerContext
    ) async throws -> ArchiveDepartmentResponse {
        var reading = RequestReading(request)
        let id: DepartmentID = reading.id(request.departmentID, "department_id")
        let successor: DepartmentID? = reading.optionalID(request.successorID, "successor_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)
        // Who has a successor needs not know for what.
        let accountCount = successor == nil ? try await accounts.count(leadingTo: id, tenantID: try context.tenantID) : 0
        return try await surroundings.write(request, \.requestID, context) { work in
            var department = try await work.activeDepartment(id, version: version)
            guard successor != id else { throw Failure.invalid("successor_id", "must be another department") }
            if let successor {
                try await work.requireActive([successor])
            } else {
                let count = try await work.store.openConversationCount(in: id)
                guard count == 0, accountCount == 0 else {
                    throw RoutingError.successorRequired(id, conversations: count, accounts: accountCount)
                }
            }
            try await work.leave(department.id, to: successor)
            department.state = .archived
            department.successor = successor
            try await work.store(&department, paths: ["state"])
            return ArchiveDepartmentResponse(department: department.wire)
        }
    }
}

extension RoutingWork {
    /// The department, locked, if it takes conversations and is of the expected version (`nil`: of any).
    fileprivate func activeDepartment(_ id: DepartmentID, version: Int64?) async throws -> Department {
        guard let department = try await store.lockedDepartment(id) else { throw RoutingError.departmentNotFound(id) }
        guard department.state == .active else { throw RoutingError.departmentArchived(id) }
        guard version == nil || version == department.version else { throw RoutingError.etagMismatch }
        return department
    }

    fileprivate func store(_ department: inout Department, paths: [String]) async throws {
        department.version += 1
        department.updateTime = now
        try await store.update(department)
        try await note(.department(department.id), subject: department.id.description, paths: paths)
    }

    fileprivate func moveRescues(in department: Department) async throws {
        for conversation in try await store.pausedAndWaiting(in: department.id) {
            let time = Rescue.time(of: conversation, by: department.fields.rules)
            try await store.setTimer(.rescue, conversation.id.uuid, at: time)
        }
        surroundings.timersChanged(in: store.transaction)
    }

    /// What points to a department points to its successor (C41): members, and the tenant's default.
    fileprivate func leave(_ department: DepartmentID, to successor: DepartmentID?) async throws {
        if var tenant = try await store.lockedTenant(), tenant.settings.defaultDepartment == department.uuid {
            guard let successor else { throw RoutingError.departmentIsDefault(department) }
            tenant.settings.defaultDepartment = successor.uuid
            tenant.version += 1
            tenant.updateTime = now
            try await store.update(tenant)
            try await note(.tenant(tenant.id), subject: tenant.id.text, paths: ["default_department_id"])
        }
        for member in try await store.moveMembers(of: department, to: successor) { try await tell(.agent(member)) }
    }
}
