import Postgres
import PostgresTesting
import Testing
import Trials

@Test func aPoolNeverHasMoreThanItsConnections() async throws {
    try await withPool({ $0.connectionsMax = 3 }) { pool, _ in
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<60 {
                group.addTask { try await pool.query("select pg_backend_pid() from pg_sleep(0.002)")[0].decode(Int.self) }
            }
            let backends = try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            #expect(backends.count <= 3)
        }
        #expect(pool.connectionCount <= 3 && pool.waiterCount == 0)
    }
}

@Test func aCallerWaitsNoLongerThanTheAcquireTimeout() async throws {
    try await withPool({ configuration in
        configuration.connectionsMax = 1
        configuration.acquireTimeout = .milliseconds(100)
    }) { pool, _ in
        // To connect may take longer than that on a busy machine.
        try await eventually { (try? await pool.query("select 0")) != nil }
        try await pool.transaction { transaction in
            try await transaction.query("select 1")
            let start = ContinuousClock.now
            let error = await postgresError { try await pool.query("select 2") }
            #expect(error?.category == .unavailable && error?.sqlState == .tooManyConnections)
            #expect(start.duration(to: .now) < .seconds(2))
        }
        #expect(try await pool.query("select 3").count == 1)
    }
}

@Test func theQueueBeforeThePoolIsBounded() async throws {
    try await withPool({ configuration in
        configuration.connectionsMax = 1
        configuration.waitersMax = 2
    }) { pool, _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.transaction { transaction in
                try await transaction.query("select 1")
                for _ in 0..<2 { group.addTask { try await pool.query("select 2") } }
                try await eventually { pool.waiterCount == 2 }
                let error = await postgresError { try await pool.query("select 3") }
                #expect(error?.category == .overloaded)
            }
            try await group.waitForAll()
        }
    }
}

@Test func aCallerThatIsCancelledLeavesTheQueue() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        try await pool.transaction { transaction in
            try await transaction.query("select 1")
            let waiting = Task { try await pool.query("select 2") }
            try await eventually { pool.waiterCount == 1 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(pool.waiterCount == 0)
        }
    }
}

@Test func cancellingATaskCancelsItsStatement() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, database in
        try await database.withPool { watcher in
            func running() async throws -> Int {
                try await watcher.query(
                    "select count(*) from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active' and datname = current_database()"
                )[0]
                .decode(Int.self)
            }
            let sleeping = Task { try await pool.query("select pg_sleep(60)::text") }
            try await eventually { try await running() == 1 }
            let start = ContinuousClock.now
            sleeping.cancel()
            await #expect(throws: CancellationError.self) { try await sleeping.value }
            // The only connection is lent again when it is clean, and the cancel request does not hit its next statement.
            for number in 0..<20 {
                #expect(try await pool.query("select \(number)")[0].decode(Int.self) == number)
            }
            #expect(start.duration(to: .now) < .seconds(5))
            #expect(try await running() == 0)
            #expect(pool.connectionCount == 1)
        }
    }
}

@Test func cancellingATransactionRollsItBack() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        let (inserted, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await pool.transaction { transaction in
                try await transaction.query("insert into first.note (id, text) values (\(1), \("x"))")
                signal.finish()
                try await transaction.query("select pg_sleep(60)::text")
            }
        }
        for await _ in inserted {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let rest = try await pool.query("select count(*) from first.note")[0].decode(Int.self)
        #expect(rest == 0)
    }
}

@Test func manyCancellationsAtOddMomentsLeaveThePoolWhole() async throws {
    try await withPool({ configuration in
        configuration.connectionsMax = 4
        configuration.waitersMax = 1_000
    }) { pool, _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task {
                        try await pool.transaction { transaction in
                            try await transaction.query("select \(number)::bigint from pg_sleep(0.001)")[0].decode(Int.self)
                        }
                    }
                    if number % 3 != 0 {
                        try await Task.sleep(for: .microseconds(Int.random(in: 0...6_000)))
                        task.cancel()
                    }
                    switch await task.result {
                    case .success(let answer): #expect(answer == number)
                    case .failure(is CancellationError): #expect(number % 3 != 0)
                    case .failure(let error): #expect((error as? PostgresError)?.category == .outcomeUnknown)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await eventually { pool.idleCount == pool.connectionCount }
        #expect(try await pool.query("select 1").count == 1)
    }
}

@Test func thePoolReconnectsAfterItsBackendsWereTerminated() async throws {
    try await withPool({ $0.connectionsMax = 4 }) { pool, database in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await pool.query("select pg_sleep(0.05)::text") } }
            try await group.waitForAll()
        }
        try await Administration.execute(
            script: """
                select pg_terminate_backend(pid) from pg_stat_activity
                where usename = 'first_runtime' and datname = current_database()
                """,
            url: database.administratorURL)
        // A transaction that meets a dead connection before COMMIT is sent is repeated.
        let answer = try await pool.transaction { try await $0.query("select 7")[0].decode(Int.self) }
        #expect(answer == 7)
        try await eventually { (try? await pool.query("select 1").count) == 1 }
    }
}

/// Idle connections that are as dead as the first, though nobody has noticed: the repetition must not meet the next of them.
@Test func aTransactionWhoseConnectionBrokeIsRepeatedOnANewOne() async throws {
    try await withPool({ $0.connectionsMax = 4 }) { pool, _ in
        let old = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try await pool.query("select pg_backend_pid() from pg_sleep(0.05)")[0].decode(Int.self) }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        try #require(old.count > 1)
        let attempts = Counter()
        let answer = try await pool.transaction { transaction in
            attempts.add()
            let pid = try await transaction.query("select pg_backend_pid()")[0].decode(Int.self)
            if old.contains(pid) { try await transaction.query("select pg_terminate_backend(\(pid)::integer)") }
            return try await transaction.query("select 7")[0].decode(Int.self)
        }
        #expect(answer == 7 && attempts.value == 2)
    }
}

@Test func aBackendTerminatedUnderAStatementIsUnavailable() async throws {
    try await withPool { pool, database in
        let sleeping = Task {
            try await pool.transaction(.init(attemptsMax: 1)) { try await $0.query("select pg_sleep(60)::text") }
        }
        try await database.withPool { watcher in
            try await eventually {
                try await watcher.query(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where query like 'select pg_sleep(60)%' and state = 'active' and datname = current_database()
                    """
                ).count == 1
            }
        }
        let error = await postgresError { _ = try await sleeping.value }
        #expect(error?.category == .unavailable && error?.sqlState == .adminShutdown)
    }
}

@Test func nobodyAtTheAddressIsUnavailableWithinTheAcquireTimeout() async throws {
    var configuration = PostgresConfiguration(url: "postgresql://nobody@127.0.0.1:1/none")
    configuration.acquireTimeout = .milliseconds(200)
    let pool = PostgresPool(configuration, logger: .quiet)
    let error = await postgresError { try await pool.query("select 1") }
    #expect(error?.category == .unavailable)
    pool.close()
    let afterwards = await postgresError { try await pool.query("select 1") }
    #expect(afterwards?.category == .unavailable)
}

@Test func statementsArePreparedWithinBoundsOrNotAtAll() async throws {
    for (prepared, session) in [(true, true), (false, true), (false, false)] {
        try await withPool({ configuration in
            configuration.connectionsMax = 1
            configuration.preparedStatements = prepared
            configuration.preparedStatementsMax = 2
            configuration.sessionState = session
        }) { pool, _ in
            for _ in 0..<3 {
                #expect(try await pool.query("select \(1) + 1")[0].decode(Int.self) == 2)
                #expect(try await pool.query("select \(1) + 2")[0].decode(Int.self) == 3)
                #expect(try await pool.query("select \(1) + 3")[0].decode(Int.self) == 4)
                // A statement that fails to parse leaves nothing behind.
                let error = await postgresError { try await pool.query("select nonsense") }
                #expect(error?.sqlState == .undefinedColumn)
            }
            let count = try await pool.query("select count(*) from pg_prepared_statements")[0].decode(Int.self)
            #expect(prepared ? (1...2).contains(count) : count == 0)
        }
    }
}

@Test func wordsAreHeardOnceByOtherPoolsAndThisOne() async throws {
    try await withPool { pool, database in
        try await database.withPool { other in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                group.addTask { try await other.run() }
                for listener in [pool, other] {
                    // The first hint says that LISTEN holds.
                    var hints = listener.listen("talk").makeAsyncIterator()
                    #expect(await hints.next() != nil)
                }
                var (own, theirs) = (pool.hear("talk").makeAsyncIterator(), other.hear("talk").makeAsyncIterator())
                for word in ["one", "two words", "três 'quoted'"] {
                    pool.say(word, on: "talk")
                    let heard = (await own.next(), await theirs.next())
                    #expect(heard.0 == word && heard.1 == word)
                }
                // The server's echo of one's own words is not heard again: the next thing here is what the other says.
                other.say("answer", on: "talk")
                #expect(await own.next() == "answer")
                group.cancelAll()
            }
        }
    }
}

@Test func hintsReachOtherPoolsAndThisOne() async throws {
    try await withPool { pool, database in
        try await database.withPool { other in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                group.addTask { try await other.run() }
                var hints = other.listen("first_news").makeAsyncIterator()
                // The first hint says that LISTEN holds.
                #expect(await hints.next() != nil)
                pool.notify("first_news")
                #expect(await hints.next() != nil)
                group.cancelAll()
            }
        }
    }
}
