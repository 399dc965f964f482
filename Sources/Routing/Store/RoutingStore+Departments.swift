import FoundationEssentials
import Postgres
import WallTime

extension RoutingStore {
    /// The departments with these ids, in no order; unknown ones are missing.
    func departments(_ ids: [DepartmentID]) async throws -> [Department] {
        try await transaction.query(
            """
            select \(fragment: Self.departmentColumns)
            from routing.department
            where tenant_id = \(tenantID) and department_id = any(\(ids.map(\.uuid)))
            """
        ).map(Department.init(row:))
    }

    func department(_ id: DepartmentID) async throws -> Department? {
        try await departments([id]).first
    }

    /// The department, locked until the transaction ends.
    func lockedDepartment(_ id: DepartmentID) async throws -> Department? {
        try await transaction.query(
            """
            select \(fragment: Self.departmentColumns)
            from routing.department
            where tenant_id = \(tenantID) and department_id = \(id)
            for update
            """
        ).only.map(Department.init(row:))
    }

    /// By name, after a place; archived ones if they are asked for.
    func departments(archived: Bool, after place: NamePlace?, limit: Int) async throws -> [Department] {
        try await transaction.query(
            """
            select \(fragment: Self.departmentColumns)
            from routing.department
            where tenant_id = \(tenantID)
              and (state = 'active' or \(archived))
              and (\(place?.id)::uuid is null
                   or (lower(display_name collate "und-x-icu"), department_id)
                      > (lower(\(place?.name ?? "") collate "und-x-icu"), \(place?.id)))
            order by lower(display_name collate "und-x-icu"), department_id
            limit \(limit)
            """
        ).map(Department.init(row:))
    }

    /// - Returns: whether there was none of this id.
    /// - Throws: NAME_TAKEN.
    func insert(_ department: Department) async throws -> Bool {
        let fields = department.fields
        return try await named(fields.name) {
            try await transaction.query(
                """
                insert into routing.department
                    (tenant_id, department_id, display_name, rules, create_time, update_time)
                values (\(tenantID), \(department.id), \(fields.name), \(PostgresJSON(encoding: fields.rules)),
                        \(department.createTime), \(department.updateTime))
                on conflict (tenant_id, department_id) do nothing
                """
            ).affected == 1
        }
    }

    /// The row is locked by the caller.
    /// - Throws: NAME_TAKEN.
    func update(_ department: Department) async throws {
        let fields = department.fields
        _ = try await named(fields.name) {
            try await transaction.query(
                """
                update routing.department
                set display_name = \(fields.name), state = \(department.state.rawValue),
                    rules = \(PostgresJSON(encoding: fields.rules)), successor_id = \(department.successor),
                    update_time = \(department.updateTime), version = \(department.version)
                where tenant_id = \(tenantID) and department_id = \(department.id)
                """)
        }
    }

    private func named<Answer>(_ name: String, _ write: () async throws -> Answer) async throws -> Answer {
        do {
            return try await write()
        } catch let error as PostgresError where error.constraint == "department_name_is_unique" {
            throw RoutingError.nameTaken(name)
        }
    }

    private static let departmentColumns: SQL = """
        department_id, display_name, state, rules, successor_id, create_time, update_time, version
        """
}

/// Where a page of a list by name ends.
struct NamePlace: Sendable, Hashable {
    var name: String
    var id: UUID
}

extension Department {
    init(row: Row) throws {
        self.init(
            id: try row["department_id"], state: try State(stored: row["state"]),
            fields: DepartmentFields(
                name: try row["display_name"], rules: try row["rules", as: PostgresJSON.self].decoded()),
            successor: try row["successor_id"], createTime: try row["create_time"], updateTime: try row["update_time"],
            version: try row["version"])
    }
}
