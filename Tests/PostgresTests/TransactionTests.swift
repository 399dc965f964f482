import FoundationEssentials
import Postgres
import PostgresTesting
import Testing
import Trials

@Test func aTransactionIsAllOrNothing() async throws {
    try await withPool { pool, _ in
        let error = await postgresError {
            try await pool.transaction { transaction in
                try await transaction.query("insert into first.note (id, text) values (\(1), \("a"))")
                try await transaction.query("insert into first.note (id, text) values (\(1), \("b"))")
            }
        }
        #expect(error?.sqlState == .uniqueViolation && error?.constraint == "note_key" && error?.table == "note")
        #expect(error?.category == .constraintViolation)
        #expect("\(error!)" == "PostgreSQL 23505 (constraintViolation), constraint note_key")
        let rest = try await pool.query("select count(*) from first.note")[0].decode(Int.self)
        #expect(rest == 0)
    }
}

@Test func aSwallowedFailureIsNotTakenForCommitted() async throws {
    try await withPool { pool, _ in
        let error = await postgresError {
            try await pool.transaction { transaction in
                try await transaction.query("insert into first.note (id, text) values (\(1), \("a"))")
                _ = try? await transaction.query("select nonsense")
            }
        }
        #expect(error?.sqlState == .undefinedColumn)
        let rest = try await pool.query("select count(*) from first.note")[0].decode(Int.self)
        #expect(rest == 0)
    }
}

@Test func statementsTravelTogether() async throws {
    try await withPool { pool, _ in
        let answers = try await pool.transaction(.init(settings: ["switchboard.word": "it's"])) { transaction in
            let rows = try await transaction.pipeline([
                "select current_setting('switchboard.word')", "insert into first.note (id, text) values (\(1), \("a"))",
                "select txid_current()",
            ])
            #expect(rows[1].affected == 1)
            transaction.beforeCommit("update first.note set text = text || '2'")
            let last = try await transaction.commit(after: "update first.note set text = text || '1' returning txid_current()")
            #expect(try rows[2][0].decode(Int64.self) == last[0].decode(Int64.self))
            return try rows[0][0].decode(String.self)
        }
        #expect(answers == "it's")
        #expect(try await pool.query("select text from first.note")[0].decode(String.self) == "a12")
        // The setting ended with its transaction, on the same connection too.
        let rest = try await pool.query("select coalesce(current_setting('switchboard.word', true), '')")[0]
        #expect(try rest.decode(String.self) == "")
    }
}

@Test func aReadOnlyTransactionEndsBeforeItsConnectionIsLentAgain() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        let options = TransactionOptions(settings: ["switchboard.word": "held"], readOnly: true)
        for number in 0..<20 {
            let before = try await pool.transaction(options) { transaction in
                try await transaction.query("select count(*) from first.note")[0].decode(Int.self)
            }
            #expect(before == number)
            // In the one that reads only, this would be refused.
            let word = try await pool.transaction { transaction in
                try await transaction.query("insert into first.note (id, text) values (\(number), \("a"))")
                return try await transaction.query("select coalesce(current_setting('switchboard.word', true), '')")[0]
                    .decode(String.self)
            }
            #expect(word == "")
        }
    }
}

@Test func oneStatementWithSettingsIsOneTransaction() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        let tenantID = UUID()
        let settings = ["switchboard.tenant_id": tenantID.uuidString]
        try await pool.query("insert into first.thing (tenant_id, name) values (\(tenantID), \("a"))", settings: settings)
        #expect(try await pool.query("select name from first.thing", settings: settings).count == 1)
        #expect(try await pool.query("select name from first.thing").count == 0)
        let error = await postgresError {
            try await pool.pipeline([
                "insert into first.note (id, text) values (\(1), \("a"))", "select 1 / (\(1) - 1)",
            ])
        }
        #expect(error?.sqlState.classCode == "22")
        let rest = try await pool.query("select count(*) from first.note")[0].decode(Int.self)
        #expect(rest == 0)
    }
}

@Test func serializationFailuresAndDeadlocksAreRepeated() async throws {
    try await withPool { pool, _ in
        try await pool.query("insert into first.note (id, text) values (1, '0'), (2, '0')")
        let runs = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await pool.transaction(.init(isolation: .serializable, attemptsMax: 50)) { transaction in
                        runs.add()
                        let id = number % 2 + 1
                        let sum = try await transaction.query("select sum(text::bigint)::bigint from first.note")[0]
                            .decode(Int.self)
                        try await transaction.query("update first.note set text = \(String(sum + 1)) where id = \(id)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(runs.value >= 8)
    }
}

@Test func deadlocksAreRepeated() async throws {
    try await withPool { pool, _ in
        try await pool.query("insert into first.note (id, text) values (1, ''), (2, '')")
        let meeting = Counter()
        @Sendable func change(_ order: [Int]) async throws {
            try await pool.transaction { transaction in
                try await transaction.query("update first.note set text = text || 'x' where id = \(order[0])")
                meeting.add()
                // Both hold their first row before either asks for the other's.
                try await eventually { meeting.value >= 2 }
                try await transaction.query("update first.note set text = text || 'x' where id = \(order[1])")
            }
        }
        async let one: Void = change([1, 2])
        async let two: Void = change([2, 1])
        _ = try await (one, two)
        #expect(meeting.value >= 3)
        #expect(try await pool.query("select text from first.note").map { try $0.decode(String.self) } == ["xx", "xx"])
    }
}

@Test func repeatingEndsAtItsBound() async throws {
    try await withPool { pool, _ in
        let runs = Counter()
        let error = await postgresError {
            try await pool.transaction(.init(attemptsMax: 3)) { transaction in
                runs.add()
                try await transaction.query("do $$ begin raise exception 'no' using errcode = '40001'; end $$")
            }
        }
        #expect(error?.category == .conflict && runs.value == 3)
    }
}

@Test func aConnectionLostBehindCommitLeavesTheOutcomeUnknown() async throws {
    try await withPool { pool, database in
        try await Administration.execute(
            script: """
                create function first.die() returns trigger language plpgsql security definer as
                $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
                create constraint trigger die after insert on first.note deferrable initially deferred
                    for each row execute function first.die();
                """, url: database.administratorURL)
        let runs = Counter()
        let error = await postgresError {
            try await pool.transaction { transaction in
                runs.add()
                try await transaction.query("insert into first.note (id, text) values (\(1), \("a"))")
            }
        }
        #expect(error?.sqlState == .transactionResolutionUnknown && error?.category == .outcomeUnknown)
        #expect(runs.value == 1)
    }
}

@Test func aStatementThatTakesTooLongIsATimeout() async throws {
    try await withPool { pool, _ in
        let error = await postgresError {
            try await pool.transaction(.init(statementTimeout: .milliseconds(30))) { transaction in
                _ = try await transaction.query("select pg_sleep(5)::text")
            }
        }
        #expect(error?.category == .timeout && error?.sqlState == .queryCanceled)
    }
}

@Test func aPlanFromBeforeAMigrationIsMadeAnew() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, database in
        try await pool.query("insert into first.note (id, text) values (1, 'a')")
        #expect(try await pool.query("select id from first.note")[0].decode(Int64.self) == 1)
        try await Administration.execute(
            script: "alter table first.note alter column id type integer", url: database.administratorURL)
        let id = try await pool.transaction { try await $0.query("select id from first.note")[0].decode(Int64.self) }
        #expect(id == 1)
    }
}
