import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Deletes what tenants need not keep any longer (P3), in small batches, each in its own transaction. Every replica may run it: for
/// one tenant one works at a time.
struct RetentionWorker: ServiceLifecycle.Service {
    static let interval: Duration = .seconds(600)
    private static let tenantsPerLook = 500

    let schema: String
    let pool: PostgresPool
    let data: TenantData
    let clock: ProductClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval * Double.random(in: 0.5...1))
                do {
                    _ = try await work()
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("not all that is too old was deleted", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// One round over all tenants.
    /// - Returns: how much was deleted.
    func work() async throws -> Int {
        var deleted = 0
        var last: UUID?
        repeat {
            let tenants = try await tenants(after: last)
            for tenantID in tenants { deleted += try await work(for: tenantID) }
            last = tenants.count < Self.tenantsPerLook ? nil : tenants.last
        } while last != nil
        return deleted
    }

    private func tenants(after place: UUID?) async throws -> [UUID] {
        try await pool.query(
            """
            select tenant_id
            from \(identifier: schema).tenant_held
            where \(place)::uuid is null or tenant_id > \(place)
            order by tenant_id
            limit \(Self.tenantsPerLook)
            """
        ).map { try $0.decode(UUID.self) }
    }

    private func work(for tenantID: UUID) async throws -> Int {
        let chosen = try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            try await RetentionStore(schema: schema, transaction: transaction).chosen(by: tenantID)
        }
        var deleted = 0
        for category in data.categories(of: schema) {
            guard let keep = chosen[category.word] ?? (category.onlyChosen ? nil : category.standard) else { continue }
            let before = (category.isMachineTime ? Instant.now : clock.now).advanced(by: .zero - keep)
            var count: Int
            repeat {
                count = try await batch(of: category, before: before, tenantID)
                deleted += count
            } while count > 0
        }
        return deleted
    }

    private func batch(of category: RetentionCategory, before: Instant, _ tenantID: UUID) async throws -> Int {
        try await pool.transaction(.tenant(tenantID)) { transaction in
            let name = "\(schema).retention/\(tenantID.text)"
            let isOurs = try await transaction.query("select pg_try_advisory_xact_lock(hashtextextended(\(name), 0))")
            guard try isOurs[0].decode(Bool.self) else { return 0 }
            return try await category.purge(transaction, tenantID, before)
        }
    }
}

/// Lets `POST /test/settle` wait until nothing is left that is too old.
struct RetentionSettler: Settler {
    let worker: RetentionWorker

    var settlerName: String { "\(worker.schema).retention" }

    func settle() async throws -> Bool { try await worker.work() > 0 }
}
