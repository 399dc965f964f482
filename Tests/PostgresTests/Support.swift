import Logging
import Postgres
import PostgresTesting
import Synchronization

/// Two services' schemas, one with a table of a tenant's rows.
let first = Migrations(
    schema: "first",
    [
        .init(
            "0001_first",
            """
            create table thing (
                tenant_id uuid not null,
                name text not null,
                count integer not null default 0,
                constraint thing_key primary key (tenant_id, name),
                constraint thing_count_is_natural check (count >= 0)
            );
            alter table thing enable row level security;
            alter table thing force row level security;
            create policy thing_tenant on thing
                using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
            create table note (id bigint not null, text text not null, constraint note_key primary key (id));
            """)
    ])
let second = Migrations(schema: "second", [.init("0001_second", "create table secret (word text not null)")])

/// Runs the body with a pool on a database of its own.
func withPool(
    _ configure: @Sendable (inout PostgresConfiguration) -> Void = { _ in },
    _ body: @Sendable (PostgresPool, TestDatabase) async throws -> Void
) async throws {
    try await withTestDatabase(migrating: first, second) { database in
        try await database.withPool(configure) { try await body($0, database) }
    }
}

/// The error of an expression that is to fail.
func postgresError(_ body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// Counts across tasks.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
