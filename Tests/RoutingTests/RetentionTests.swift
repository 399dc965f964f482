import FoundationEssentials
import Postgres
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing
@testable import ServiceDatabase

@Suite("Retention of the audit trail")
struct RetentionTests {
    @Test("P3: entries of the audit trail go after two years unless the tenant chose otherwise")
    func P3_logs() async throws {
        try await withRouting { routing in
            let worker = RetentionWorker(
                schema: "routing", pool: routing.pool, data: RoutingModule.tenantData, clock: routing.surroundings.clock,
                logger: routing.surroundings.logger)
            let before = try await routing.auditEntries()
            #expect(before > 0)
            try routing.advance(by: .days(729))
            #expect(try await worker.work() == 0)
            try routing.advance(by: .days(2))
            #expect(try await worker.work() == before)
            #expect(try await routing.auditEntries() == 0)
        }
    }
}

extension RoutingFixture {
    fileprivate func auditEntries() async throws -> Int {
        try await pool.transaction(.tenant(tenantID, readOnly: true)) {
            try await $0.query("select count(*) from routing.audit_entry")[0].decode(Int.self)
        }
    }
}
