import FoundationEssentials
import Postgres

extension TicketStore {
    static let categoriesMax = 1_000
    static let servicesMax = 1_000
    static let prioritiesMax = 100

    // MARK: - Categories

    func categories() async throws -> [Category] {
        try await transaction.query(
            """
            select category_id, display_name, parent_category_id, is_archived, version
            from tickets.category
            where tenant_id = \(tenantID)
            """
        ).map {
            Category(
                id: try $0["category_id"], name: try $0["display_name"],
                parentID: try $0["parent_category_id"],
                isArchived: try $0["is_archived"], version: try $0["version"])
        }
    }

    func put(_ category: Category) async throws {
        try await transaction.query(
            """
            insert into tickets.category (tenant_id, category_id, display_name, parent_category_id, is_archived, version)
            values
                (\(tenantID), \(category.id), \(category.name), \(category.parentID), \(category.isArchived),
                 \(category.version))
            on conflict (tenant_id, category_id) do update
            set display_name = excluded.display_name, parent_category_id = excluded.parent_category_id,
                is_archived = excluded.is_archived, version = excluded.version
            """)
    }

    // MARK: - The service catalogue

    func catalogue() async throws -> [CatalogueEntry] {
        try await transaction.query(
            """
            select service_id, display_name, category_id, department_id, is_archived, version
            from tickets.catalogue_service
            where tenant_id = \(tenantID)
            order by display_name, service_id
            """
        ).map {
            CatalogueEntry(
                id: try $0["service_id"], name: try $0["display_name"], categoryID: try $0["category_id"],
                departmentID: try $0["department_id"], isArchived: try $0["is_archived"],
                version: try $0["version"])
        }
    }

    func put(_ entry: CatalogueEntry) async throws {
        try await transaction.query(
            """
            insert into tickets.catalogue_service
                (tenant_id, service_id, display_name, category_id, department_id, is_archived, version)
            values
                (\(tenantID), \(entry.id), \(entry.name), \(entry.categoryID), \(entry.departmentID), \(entry.isArchived),
                 \(entry.version))
            on conflict (tenant_id, service_id) do update
            set display_name = excluded.display_name, category_id = excluded.category_id,
                department_id = excluded.department_id, is_archived = excluded.is_archived, version = excluded.version
            """)
    }

    // MARK: - Priorities

    /// The most urgent first.
    func priorities() async throws -> [TicketPriority] {
        try await transaction.query(
            """
            select priority_id, display_name, rank, is_standard, is_archived, version
            from tickets.ticket_priority
            where tenant_id = \(tenantID)
            order by rank desc
            """
        ).map {
            TicketPriority(
                id: try $0["priority_id"], name: try $0["display_name"], rank: try $0["rank"],
                isStandard: try $0["is_standard"], isArchived: try $0["is_archived"],
                version: try $0["version"])
        }
    }

    func put(_ priority: TicketPriority) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_priority
                (tenant_id, priority_id, display_name, rank, is_standard, is_archived, version)
            values
                (\(tenantID), \(priority.id), \(priority.name), \(priority.rank), \(priority.isStandard),
                 \(priority.isArchived), \(priority.version))
            on conflict (tenant_id, priority_id) do update
            set display_name = excluded.display_name, rank = excluded.rank, is_standard = excluded.is_standard,
                is_archived = excluded.is_archived, version = excluded.version
            """)
    }

    // MARK: - Settings

    func settings() async throws -> TicketSettings? {
        try await transaction.query(
            """
            select number_prefix, reopen_within_seconds, strictest, required_on_close, version
            from tickets.ticket_settings
            where tenant_id = \(tenantID)
            """
        ).map(TicketSettings.init(row:)).first
    }

    /// The settings, locked: whoever changes what a tenant's tickets can be does it after whoever came before.
    func lockedSettings() async throws -> TicketSettings? {
        try await transaction.query(
            """
            select number_prefix, reopen_within_seconds, strictest, required_on_close, version
            from tickets.ticket_settings
            where tenant_id = \(tenantID)
            for update
            """
        ).map(TicketSettings.init(row:)).first
    }

    /// - Returns: whether this call made the row; of any number at once one does.
    func beginSettings() async throws -> Bool {
        try await transaction.query(
            "insert into tickets.ticket_settings (tenant_id) values (\(tenantID)) on conflict (tenant_id) do nothing"
        ).affected == 1
    }

    func update(_ settings: TicketSettings) async throws {
        try await transaction.query(
            """
            update tickets.ticket_settings
            set number_prefix = \(settings.prefix), reopen_within_seconds = \(settings.reopenWithin.components.seconds),
                strictest = \(settings.strictest), required_on_close = \(settings.requiredOnClose),
                version = \(settings.version)
            where tenant_id = \(tenantID)
            """)
    }
}

extension TicketSettings {
    fileprivate init(row: Row) throws {
        let seconds: Int64 = try row["reopen_within_seconds"]
        self.init(
            prefix: try row["number_prefix"], reopenWithin: .seconds(seconds),
            strictest: try row["strictest"],
            requiredOnClose: try row["required_on_close"], version: try row["version"])
    }
}
