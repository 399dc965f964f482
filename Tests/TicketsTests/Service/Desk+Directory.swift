import FoundationEssentials
import RoutingV1
import ServiceDatabase
import ServiceRuntime

@testable import Tickets

/// What routing tells of a desk's tenant.
extension Desk {
    func hear(_ row: RoutingV1.RoutingEvent.Row) async throws {
        let event = RoutingEvent(tenantID: tenantID.text, row: row)
        try await surroundings.pool.transaction(.tenant(tenantID)) { transaction in
            try await surroundings.known.learn(event, transaction)
        }
    }

    /// A department that there is from now on.
    func department(_ state: DepartmentState = .active) async throws -> UUID {
        let id = UUID.v7(at: now)
        try await hear(department: id, state)
        return id
    }

    func hear(department id: UUID, _ state: DepartmentState) async throws {
        try await hear(.department(RoutingV1.Department(departmentID: id.text, state: state)))
    }

    func tenant(_ state: TenantState = .active, timeZone: String = "") async throws {
        try await hear(
            .tenant(
                RoutingV1.Tenant(tenantID: tenantID.text, state: state, settings: TenantSettings(timeZone: timeZone))))
    }
}
