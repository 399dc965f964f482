import FoundationEssentials
import Postgres
import PostgresTesting
import Testing
import Trials

/// As many callers at once, each under a key of his own.
private func together<Answer: Sendable>(
    _ count: Int, in pool: PostgresPool, key: @escaping @Sendable (Int) -> String = { "\($0)" },
    _ body: @escaping @Sendable (Int, Transaction) async throws -> Answer
) async -> [Result<Answer, any Error>] {
    return await withTaskGroup(of: (Int, Result<Answer, any Error>).self) { group in
        for number in 0..<count {
            group.addTask {
                do {
                    let options = TransactionOptions(settings: ["switchboard.word": "w\(number)"])
                    return (
                        number,
                        .success(
                            try await pool.transaction(options, groupedBy: key(number)) { try await body(number, $0) })
                    )
                } catch {
                    return (number, .failure(error))
                }
            }
        }
        return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

private func insert(_ number: Int, _ text: String = "a") -> SQL {
    "insert into first.note (id, text) values (\(number), \(text)) returning xmin::text"
}

private func count(_ pool: PostgresPool) async throws -> Int {
    try await pool.query("select count(*) from first.note")[0].decode(Int.self)
}

@Test func callersWhoComeTogetherAreOneTransaction() async throws {
    try await withPool { pool, _ in
        let answers = await together(50, in: pool) { number, transaction in
            let xmin = try await transaction.query(insert(number))[0].decode(String.self)
            // Every body's settings are its own, in each of its rounds.
            let word = try await transaction.query("select current_setting('switchboard.word')")[0].decode(String.self)
            transaction.beforeCommit("update first.note set text = current_setting('switchboard.word') where id = \(number)")
            return (xmin, word)
        }
        let found = try answers.map { try $0.get() }
        #expect(found.map(\.1) == (0..<50).map { "w\($0)" })
        #expect(Set(found.map(\.0)).count < 10, "each lane's first is alone, and the rest are few groups")
        let rows = try await pool.query("select id, text from first.note order by id")
        for row in rows {
            let (id, text) = try row.decode((Int, String).self)
            #expect(text == "w\(id)")
        }
        #expect(rows.count == 50)
    }
}

@Test func whoFailsFailsAlone() async throws {
    struct Refused: Error {}
    try await withPool { pool, _ in
        let answers = await together(40, in: pool) { number, transaction in
            try await transaction.query(insert(number))
            if number % 8 == 3 { throw Refused() }
            if number % 8 == 5 { try await transaction.query("select nonsense") }
            if number % 8 == 7 { transaction.beforeCommit("select 1 / 0") }
            return number
        }
        for (number, answer) in answers.enumerated() {
            switch (number % 8, answer) {
            case (3, .failure(let error)): #expect(error is Refused)
            case (5, .failure(let error)): #expect((error as? PostgresError)?.sqlState == .undefinedColumn)
            case (7, .failure(let error)): #expect((error as? PostgresError)?.sqlState.rawValue == "22012")
            case (3, _), (5, _), (7, _): Issue.record("\(number) did not fail")
            default: #expect((try? answer.get()) == number)
            }
        }
        let ids = try await pool.query("select id from first.note order by id").map { try $0.decode(Int.self) }
        #expect(ids == (0..<40).filter { ![3, 5, 7].contains($0 % 8) })
    }
}

@Test func theSameKeyIsNeverTwiceInAGroup() async throws {
    try await withPool { pool, _ in
        try await pool.query(insert(1, "0"))
        // Each reads and then writes what he has read: two in one transaction would lose one's step.
        let answers = await together(40, in: pool, key: { _ in "one" }) { _, transaction in
            let text = try await transaction.query("select text from first.note where id = 1 for update")[0].decode(String.self)
            transaction.beforeCommit("update first.note set text = \("\(Int(text)! + 1)") where id = 1")
        }
        #expect(answers.allSatisfy { (try? $0.get()) != nil })
        let text = try await pool.query("select text from first.note")[0].decode(String.self)
        #expect(text == "40")
    }
}

@Test func whatAllGatherIsOneStatementBehindTheRest() async throws {
    try await withPool { pool, _ in
        let statements = Counter()
        let answers = await together(30, in: pool) { number, transaction in
            transaction.collect([number], under: "notes", isForAll: true) { numbers in
                statements.add()
                return ["insert into first.note (id, text) select id, 'a' from unnest(\(numbers)) as new (id)"]
            }
        }
        #expect(answers.allSatisfy { (try? $0.get()) != nil })
        let stored = try await count(pool)
        #expect(stored == 30)
        #expect(statements.value < 10)
    }
}

@Test func aCancelledMemberLeavesTheOthersTheirs() async throws {
    try await withPool { pool, _ in
        try await pool.query(insert(100))
        let answers = await together(20, in: pool) { number, transaction in
            try await transaction.query(insert(number))
            guard number == 7 else { return }
            let slow = Task { try await transaction.query("select pg_sleep(60)") }
            slow.cancel()
            _ = try await slow.value
        }
        for (number, answer) in answers.enumerated() { #expect(((try? answer.get()) == nil) == (number == 7)) }
        let stored = try await count(pool)
        #expect(stored == 20)
        try await eventually { pool.idleCount == pool.connectionCount }
    }
}

@Test func membersRepeatWhatABrokenConnectionTookWithIt() async throws {
    try await withPool { pool, _ in
        let breaks = Counter()
        let answers = await together(30, in: pool) { number, transaction in
            try await transaction.query(insert(number))
            if number == 20, breaks.value == 0 {
                breaks.add()
                _ = try await transaction.query("select pg_terminate_backend(pg_backend_pid())")
            }
        }
        #expect(answers.allSatisfy { (try? $0.get()) != nil })
        let stored = try await count(pool)
        #expect(stored == 30)
    }
}

@Test func groupsOfTwoLanesRunBesideEachOther() async throws {
    try await withPool({ $0.connectionsMax = 2 }) { pool, _ in
        let answers = await together(200, in: pool) { number, transaction in
            try await transaction.query(insert(number))[0].decode(String.self)
        }
        let transactions = Set(try answers.map { try $0.get() })
        #expect(transactions.count < 40)
        let stored = try await count(pool)
        #expect(stored == 200)
        try await eventually { pool.idleCount == pool.connectionCount }
    }
}
