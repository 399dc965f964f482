import Foundation
import Postgres
import PostgresTesting
import ServiceRuntime
import Trials

// What is done to routing's tables from outside, so that a moment lasts.
extension Stack {
    /// Puts a job that is never due before all others of the department's queue: nothing of it is distributed until it is gone.
    func holdDispatch() async throws -> UUID {
        let id = UUID()
        _ = try await database.withAdministrator { pool in
            try await pool.query(
                """
                insert into routing.job (tenant_id, job_id, kind, cause, ordering_key, payload, due_time)
                values (\(Self.tenantID), \(id), 'hold', 'test', \(Self.departmentID), '', 'infinity')
                """)
        }
        return id
    }

    func release(_ hold: UUID) async throws {
        _ = try await database.withAdministrator { pool in
            try await pool.query("delete from routing.job where job_id = \(hold)")
        }
    }

    /// Waits until routing has heard of all of them.
    func knowsQueue(_ ids: [String]) async throws {
        for id in ids {
            try await Trials.eventually { await answer { _ = try await explain(id) } == "OK" }
        }
    }

    /// Two wait for an agent's only slot when their queue is looked at. Of the first, routing knows an older row than there is, as
    /// while the event of a change is on its way.
    func twoWaitForOneSlot() async throws -> (first: String, second: String) {
        try await beat(0)
        try await settle()
        let hold = try await holdDispatch()
        let first = try await customerWrites("first")
        try advance(by: .milliseconds(1))
        let second = try await customerWrites("second")
        try await knowsQueue([first, second])
        try await makeOld(first)
        try await release(hold)
        return (first, second)
    }

    private func makeOld(_ id: String) async throws {
        _ = try await database.withAdministrator { pool in
            try await pool.query(
                "update routing.conversation set version = version - 1 where conversation_id = \(UUID(uuidString: id)!)")
        }
    }

    /// Waits until a look at the queue has come to no end, and was begun again.
    func dispatchIsRepeated() async throws {
        try await Trials.eventually {
            try await database.withAdministrator { pool in
                try await pool.query("select count(*) from routing.job where kind = 'dispatch' and attempt > 1")[0]
                    .decode(Int.self)
            } > 0
        }
    }
}
