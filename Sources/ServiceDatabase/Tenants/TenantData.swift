import FoundationEssentials
import Postgres
import WallTime

/// What a service says of its tenants' data: what is counted, what is kept for how long, and when all of it may be deleted. How it
/// is exported and deleted follows from its tables.
package struct TenantData: Sendable {
    /// One number that a tenant's quota may go by.
    package struct Figure: Sendable {
        /// "conversations".
        var word: String
        /// Answers one number, under the tenant.
        var count: @Sendable (UUID) -> SQL

        package init(_ word: String, _ count: @escaping @Sendable (UUID) -> SQL) {
            self.word = word
            self.count = count
        }
    }

    var figures: [Figure]
    var retention: [RetentionCategory]
    var mayDelete: @Sendable (Transaction, UUID) async throws -> Bool

    /// - Parameter mayDelete: whether the tenant works no more, as far as the service knows; looked at before every batch.
    package init(
        figures: [Figure] = [], retention: [RetentionCategory] = [],
        mayDelete: @escaping @Sendable (Transaction, UUID) async throws -> Bool = { _, _ in true }
    ) {
        self.figures = figures
        self.retention = retention
        self.mayDelete = mayDelete
    }

    /// The steps that build the tables of this; a service puts them behind the event log's and before its own.
    package static let migrationSteps = [
        Migrations.Step("tenancy/0001_tenant_data", PackageResources._001_tenant_data_sql)
    ]
}

/// One kind of thing that is deleted when it has been kept long enough (P3).
package struct RetentionCategory: Sendable {
    /// "messages".
    package var word: String
    /// Nil: kept for good unless the tenant chooses otherwise.
    package var standard: Duration?
    /// What a tenant may choose.
    package var range: ClosedRange<Duration>
    /// Something else sees to the default; here only what a tenant has chosen is carried out.
    var onlyChosen = false
    /// What ended is told by the machine's clock, not by the product's.
    var isMachineTime = false
    /// Deletes a batch of what ended before an instant of product time, under the tenant; answers how much it was, 0 when nothing
    /// is left.
    var purge: @Sendable (Transaction, UUID, _ before: Instant) async throws -> Int

    package init(
        _ word: String, standard: Duration?, range: ClosedRange<Duration>,
        purge: @escaping @Sendable (Transaction, UUID, _ before: Instant) async throws -> Int
    ) {
        self.word = word
        self.standard = standard
        self.range = range
        self.purge = purge
    }

    /// Things that one batch deletes: few enough to keep its locks short.
    package static let batchMax = 500
}

extension Duration {
    package static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
