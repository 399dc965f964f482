import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import Testing

private let store = IdempotencyStore(schema: "sample")

private func key(_ tenantID: UUID, _ requestID: String = "r", hash: [UInt8] = [1]) -> IdempotencyStore.Key {
    .init(tenantID: tenantID, principal: "agent", method: "Send", requestID: requestID, requestHash: hash)
}

private func options(_ tenantID: UUID) -> TransactionOptions {
    TransactionOptions(settings: ["switchboard.tenant_id": tenantID.uuidString])
}

@Test func aRepeatedRequestGetsTheStoredAnswer() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let tenantID = UUID()
            for round in 0..<3 {
                let answer = try await pool.transaction(options(tenantID)) { transaction in
                    try await store.run(key(tenantID), in: transaction) { _ in [UInt8(round)] }
                }
                #expect(answer == [0])
            }
            await #expect(throws: IdempotencyError.reused) {
                try await pool.transaction(options(tenantID)) { transaction in
                    try await store.run(key(tenantID, hash: [2]), in: transaction) { _ in [9] }
                }
            }
            // Another tenant's request of the same id is another request.
            let other = UUID()
            let answer = try await pool.transaction(options(other)) { transaction in
                try await store.run(key(other), in: transaction) { _ in [7] }
            }
            #expect(answer == [7])
        }
    }
}

@Test func aRequestThatFailedMayBeMadeAgain() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            struct Refusal: Error {}
            let tenantID = UUID()
            await #expect(throws: Refusal.self) {
                try await pool.transaction(options(tenantID)) { transaction in
                    try await store.run(key(tenantID), in: transaction) { _ in throw Refusal() }
                }
            }
            let answer = try await pool.transaction(options(tenantID)) { transaction in
                try await store.run(key(tenantID), in: transaction) { _ in [5] }
            }
            #expect(answer == [5])
        }
    }
}

@Test func oneRequestAtOnceAndTheOthersAreToldSo() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let tenantID = UUID()
            try await pool.transaction(options(tenantID)) { first in
                _ = try await store.run(key(tenantID), in: first) { _ in [1] }
                await #expect(throws: IdempotencyError.inFlight) {
                    try await pool.transaction(options(tenantID)) { second in
                        try await store.run(key(tenantID), in: second) { _ in [2] }
                    }
                }
            }
            let keys = [key(tenantID), key(tenantID, "new"), key(tenantID, hash: [3])]
            let claims = try await pool.transaction(options(tenantID)) { try await store.claim(keys, in: $0) }
            #expect(claims == [.answered([1]), .fresh, .refused(.reused)])
        }
    }
}

@Test func expiredAnswersArePurgedAcrossTenants() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            for _ in 0..<3 {
                let tenantID = UUID()
                try await pool.transaction(options(tenantID)) { transaction in
                    _ = try await store.run(key(tenantID), in: transaction) { _ in [1] }
                    _ = try await store.run(key(tenantID, "old"), in: transaction) { _ in [1] }
                }
                try await pool.query(
                    "update sample.idempotent_request set expire_time = '2020-01-01T00:00:00Z' where request_id = 'old'",
                    settings: ["switchboard.tenant_id": tenantID.uuidString])
            }
            try await EventLog(pool).maintain()
            try await database.withAdministrator { administrator in
                let rest = try await administrator.query("select request_id from sample.idempotent_request")
                #expect(try rest.map { try $0.decode(String.self) } == ["r", "r", "r"])
            }
        }
    }
}
