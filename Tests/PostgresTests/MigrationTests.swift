import FoundationEssentials
import Logging
import Postgres
import PostgresTesting
import Testing
import Trials

@Test func migratingAgainDoesNothing() async throws {
    try await withTestDatabase(migrating: first) { database in
        let applied = try await first.apply(ownerURL: database.ownerURL, logger: .quiet)
        #expect(applied == [])
    }
}

@Test func aChangedStepIsRefused() async throws {
    try await withTestDatabase(migrating: first) { database in
        let changed = Migrations(schema: "first", [.init("0001_first", first.steps[0].sql + " ")])
        await #expect(throws: MigrationError.changed(step: "0001_first")) {
            try await changed.apply(ownerURL: database.ownerURL, logger: .quiet)
        }
    }
}

@Test func aStepBeforeOneThatHasRunIsRefusedExceptOfAnotherComponent() async throws {
    try await withTestDatabase(migrating: first) { database in
        let early = Migrations(schema: "first", [.init("0000_early", "select 1")] + first.steps)
        await #expect(throws: MigrationError.outOfOrder(step: "0000_early", appliedBefore: "0001_first")) {
            try await early.apply(ownerURL: database.ownerURL, logger: .quiet)
        }
        let other = Migrations(schema: "first", [.init("library/0001", "create table a ()")] + first.steps)
        let applied = try await other.apply(ownerURL: database.ownerURL, logger: .quiet)
        #expect(applied == ["library/0001"])
    }
}

@Test func aFailingStepLeavesNothingBehind() async throws {
    try await withTestDatabase(migrating: first) { database in
        let broken = Migrations(
            schema: "first", first.steps + [.init("0002_broken", "create table half (a int); select nonsense")])
        let error = await postgresError { try await broken.apply(ownerURL: database.ownerURL, logger: .quiet) }
        #expect(error?.sqlState == .undefinedColumn)
        let mended = Migrations(schema: "first", first.steps + [.init("0002_mended", "create table half (a int)")])
        let applied = try await mended.apply(ownerURL: database.ownerURL, logger: .quiet)
        #expect(applied == ["0002_mended"])
    }
}

@Test func eightMigratorsAtOnceRunEachStepOnce() async throws {
    try await withTestDatabase(migrating: first) { database in
        let next = Migrations(schema: "first", first.steps + [.init("0002_next", "create table next (a int)")])
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try await next.apply(ownerURL: database.ownerURL, logger: .quiet) } }
            let applied = try await group.reduce(into: []) { $0 += $1 }
            #expect(applied == ["0002_next"])
        }
    }
}

@Test func bootstrappingAgainChangesNothing() async throws {
    try await withTestDatabase(migrating: first) { database in
        let before = try database.schemaSnapshot(of: "first")
        try await Bootstrap(schema: "first", ownerPassword: "it's", runtimePassword: "%I").apply(
            administratorURL: database.administratorURL, logger: .quiet)
        #expect(try database.schemaSnapshot(of: "first") == before)
    }
}

@Test func theSnapshotShowsEveryChange() async throws {
    try await withTestDatabase(migrating: first) { database in
        let file = #filePath.replacing("MigrationTests.swift", with: "first.sql")
        #expect(try database.schemaDifference(of: "first", from: file) == nil)
        let before = try database.schemaSnapshot(of: "first")
        try await Administration.execute(
            script: "alter table first.note alter column text drop not null", url: database.administratorURL)
        #expect(try database.schemaSnapshot(of: "first") != before)
    }
}

@Test func aServicesRoleReachesNothingButItsSchema() async throws {
    try await withPool { pool, database in
        for statement: SQL in [
            "select word from second.secret", "insert into second.secret (word) values ('x')", "create table first.own (a int)",
            "create table public.own (a int)", "alter table first.note drop column text", "drop table first.note",
            "alter table first.thing disable row level security", "truncate first.note", "create schema other",
            "create temporary table t (a int)", "delete from first.migration", "insert into first.migration (name) values ('x')",
            "set role second_runtime", "set role first_owner",
        ] {
            let error = await postgresError { try await pool.query(statement) }
            #expect(error?.sqlState == .insufficientPrivilege, "\(statement.text)")
        }
    }
}

@Test func rowLevelSecurityHoldsWhenAQueryForgetsItsTenant() async throws {
    try await withPool { pool, database in
        let (mine, other) = (UUID(), UUID())
        func settings(_ tenantID: UUID) -> [String: String] { ["switchboard.tenant_id": tenantID.uuidString] }
        for tenantID in [mine, other] {
            try await pool.query(
                "insert into first.thing (tenant_id, name) values (\(tenantID), \("a"))", settings: settings(tenantID))
        }
        #expect(try await pool.query("select name from first.thing", settings: settings(mine)).count == 1)
        #expect(try await pool.query("select name from first.thing").count == 0)
        #expect(try await pool.query("select name from first.thing", settings: ["switchboard.tenant_id": ""]).count == 0)
        #expect(try await pool.query("update first.thing set count = 1", settings: settings(mine)).affected == 1)
        #expect(try await pool.query("delete from first.thing", settings: settings(mine)).affected == 1)
        let error = await postgresError {
            try await pool.query(
                "insert into first.thing (tenant_id, name) values (\(other), \("b"))", settings: settings(mine))
        }
        #expect(error?.sqlState == .insufficientPrivilege)
        // Not even the owner is above it.
        let owner = PostgresPool(PostgresConfiguration(url: database.ownerURL), logger: .quiet)
        defer { owner.close() }
        #expect(try await owner.query("select name from first.thing").count == 0)
    }
}

@Test("P5: a step that waits for a table gives way after its lock_timeout, so that those behind it go on, and runs once it can")
func P5_aStepGivesWay() async throws {
    try await withTestDatabase(migrating: first) { database in
        try await database.withPool { pool in
            let next = Migrations(
                schema: "first", first.steps + [.init("0002_next", "alter table note add column extra integer")])
            try await withThrowingTaskGroup(of: [String].self) { group in
                try await pool.transaction { transaction in
                    // A reader that takes its time.
                    try await transaction.query("select count(*) from first.note")
                    group.addTask { try await next.apply(ownerURL: database.ownerURL, logger: .quiet) }
                    let waiting: SQL =
                        "select exists (select from pg_locks where relation = 'first.note'::regclass and not granted)"
                    try await eventually { try await pool.query(waiting)[0].decode(Bool.self) }
                    // It stands behind the step, and is let through while the reader is still there.
                    try await pool.query("insert into first.note (id, text) values (1, 'behind it')")
                }
                #expect(try await group.next() == ["0002_next"])
            }
            let row = try await pool.query("select text, extra from first.note")[0]
            let (text, extra) = try row.decode((String, Int32?).self)
            #expect(text == "behind it" && extra == nil)
        }
    }
}

@Test(
    "P5: indexes are built beside the traffic: writers go on meanwhile, and what a killed process left half built is built anew")
func P5_indexesBesideTheTraffic() async throws {
    let indexes = Migrations.Step(
        "0002_indexes",
        """
        \(Migrations.Step.besideTraffic)
        create index concurrently if not exists note_by_text on note (text);
        create index concurrently if not exists note_by_text_and_id on note (text, id);
        """)
    let next = Migrations(schema: "first", first.steps + [indexes])
    let building: SQL = """
        from pg_stat_activity
        where wait_event_type = 'Lock' and query ~ '(create|drop) index concurrently' and pid <> pg_backend_pid()
        """
    let states: SQL = "select indisvalid from pg_index where indexrelid::regclass::text like 'first.note_by_text%'"
    try await withTestDatabase(migrating: first) { database in
        try await database.withPool { pool in
            for (number, isKilled) in [true, false].enumerated() {
                let id = Int64(10 * number)
                try await withThrowingTaskGroup(of: [String]?.self) { group in
                    try await pool.transaction { transaction in
                        // A writer that takes its time.
                        try await transaction.query("insert into first.note (id, text) values (\(id), 'slow')")
                        group.addTask {
                            do {
                                return try await next.apply(ownerURL: database.ownerURL, logger: .quiet)
                            } catch let error as PostgresError
                                where isKilled && [.adminShutdown, .connectionFailure].contains(error.sqlState)
                            {
                                return nil
                            }
                        }
                        try await eventually {
                            try await database.withAdministrator {
                                try await $0.query("select pid \(fragment: building)").count == 1
                            }
                        }
                        // The table is everybody's while the index waits for the slow one.
                        try await pool.query("insert into first.note (id, text) values (\(id + 1), 'beside it')")
                        guard isKilled else { return }
                        _ = try await database.withAdministrator {
                            try await $0.query("select pg_terminate_backend(pid) \(fragment: building)")
                        }
                    }
                    #expect(try await group.next() == (isKilled ? .some(nil) : ["0002_indexes"]))
                }
                let valid = try await database.withAdministrator { try await $0.query(states).map { try $0.decode(Bool.self) } }
                #expect(valid == (isKilled ? [false] : [true, true]))
            }
        }
        #expect(try await next.apply(ownerURL: database.ownerURL, logger: .quiet) == [])
    }
}

@Test("P5: what a release sends still prepares after one step that expands and one that contracts; a step too far is named")
func P5_statementsOfTheRelease() async throws {
    let release = Migrations(
        schema: "released",
        [.init("0001_note", "create table note (id bigint primary key, body text not null, old_body text, spare integer)")])
    let statements = try await withTestDatabase(migrating: release) { database in
        try await database.withPool { pool in
            try await pool.query("insert into released.note (id, body) values (\(Int64(1)), \("first"))")
            #expect(try await pool.query("select body from released.note where id = \(Int64(1))").count == 1)
            _ = try await pool.query("update released.note set old_body = body where id = any(\([Int64(1)]))")
        }
        return database.statements(of: "released")
    }
    #expect(statements.split(separator: "-- parameters:").count == 3, "\(statements)")

    let expanded = Migrations.Step("0002_expand", "alter table note add title text not null default ''")
    let contracted = Migrations.Step("0003_contract", "alter table note drop spare")
    for (step, broken) in [
        (nil, nil), (Migrations.Step("0004_too_far", "alter table note drop old_body"), "42703"),
        (
            Migrations.Step("0004_other_type", "alter table note alter id type uuid using gen_random_uuid()"),
            "42883"
        ),
    ] as [(Migrations.Step?, String?)] {
        let next = Migrations(schema: "released", release.steps + [expanded, contracted] + [step].compactMap { $0 })
        try await withTestDatabase(migrating: next) { database in
            let found = try await database.brokenStatements(in: statements, of: "released")
            #expect(found.isEmpty == (broken == nil), "\(found)")
            if let broken { #expect(found.contains { $0.contains(broken) }, "\(found)") }
        }
    }
}
