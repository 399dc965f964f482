import FoundationEssentials
import Postgres
import WallTime

/// The table of snippets, as one tenant sees it, inside one transaction. One function is one SQL statement.
struct SnippetStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading

extension SnippetStore {
    /// The snippets with these ids, in no order; unknown ones are missing.
    func snippets(_ ids: [SnippetID]) async throws -> [Snippet] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.snippet
            where tenant_id = \(tenantID) and snippet_id = any(\(ids.map(\.uuid)))
            """)
        return try rows.map(Snippet.init(row:))
    }

    func snippet(_ id: SnippetID) async throws -> Snippet? {
        try await snippets([id]).first
    }

    /// The snippet, locked until the transaction ends.
    func lockedSnippet(_ id: SnippetID) async throws -> Snippet? {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.snippet
            where tenant_id = \(tenantID) and snippet_id = \(id)
            for update
            """)
        return try rows.map(Snippet.init(row:)).first
    }

    func snippetID(with shortcut: String) async throws -> SnippetID? {
        let rows = try await transaction.query(
            "select snippet_id from templates.snippet where tenant_id = \(tenantID) and shortcut = \(shortcut)")
        return try rows.first?.decode(SnippetID.self)
    }

    /// Whatever counts a tenant's snippets or gives out shortcuts happens one after the other, on all replicas.
    func lockShortcuts() async throws {
        let name = "templates.snippets/\(tenantID)"
        try await transaction.query("select pg_advisory_xact_lock(hashtextextended(\(name), 0))")
    }

    func count() async throws -> Int {
        let rows = try await transaction.query("select count(*) from templates.snippet where tenant_id = \(tenantID)")
        return try rows[0].decode(Int.self)
    }

    /// What this viewer sees after a shortcut, in the order of shortcuts.
    func snippets(
        for viewer: SnippetViewer, of departmentID: UUID?, after shortcut: String?, limit: Int
    ) async throws -> [Snippet] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.snippet
            where tenant_id = \(tenantID)
              and \(fragment: viewer.sql)
              and (\(departmentID)::uuid is null or \(departmentID) = any(department_ids))
              and (\(shortcut)::text is null or shortcut collate "C" > \(shortcut))
            order by shortcut collate "C"
            limit \(limit)
            """)
        return try rows.map(Snippet.init(row:))
    }

    /// What a search may find, in the order of SnippetRanking, which has the last word.
    func candidates(_ ranking: SnippetRanking, for viewer: SnippetViewer) async throws -> [SnippetCandidate] {
        let rows = try await transaction.query(
            """
            select snippet_id, shortcut, title, use_count, last_use_time
            from templates.snippet
            where tenant_id = \(tenantID)
              and \(fragment: viewer.sql)
              and (
                  starts_with(shortcut, \(ranking.query))
                  or not exists (
                      select from unnest(\(ranking.words)) word where position(' ' || word in title_words) = 0
                  )
              )
            order by (shortcut = \(ranking.query)) desc, starts_with(shortcut, \(ranking.query)) desc, use_count desc,
                     last_use_time desc nulls last, shortcut collate "C"
            limit \(Self.candidatesMax)
            """)
        return try rows.map(SnippetCandidate.init(row:))
    }

    /// More than any page holds.
    static let candidatesMax = 200

    static let columns: SQL = """
        snippet_id, shortcut, title, department_ids, texts, use_count, last_use_time, create_time, update_time, version
        """
}

extension SnippetViewer {
    /// `sees` as a condition on a row.
    fileprivate var sql: SQL {
        switch self {
        case .all: "true"
        case .member(let own): "(department_ids = '{}' or department_ids && \(Array(own)))"
        }
    }
}

// MARK: - Writing

extension SnippetStore {
    /// The caller holds the right to give out shortcuts.
    func insert(_ snippet: Snippet) async throws {
        let content = snippet.content
        try await transaction.query(
            """
            insert into templates.snippet
                (tenant_id, snippet_id, shortcut, title, title_words, department_ids, texts, create_time, update_time)
            values
                (\(tenantID), \(snippet.id), \(content.shortcut), \(content.title), \(snippet.titleWords),
                 \(content.departmentIDs), \(PostgresJSON(keeping: content.texts)), \(snippet.createTime),
                 \(snippet.updateTime))
            """)
    }

    /// The row is locked by the caller, and so is the right to give out shortcuts.
    func update(_ snippet: Snippet) async throws {
        let content = snippet.content
        try await transaction.query(
            """
            update templates.snippet
            set shortcut = \(content.shortcut), title = \(content.title), title_words = \(snippet.titleWords),
                department_ids = \(content.departmentIDs), texts = \(PostgresJSON(keeping: content.texts)),
                update_time = \(snippet.updateTime), version = \(snippet.version)
            where tenant_id = \(tenantID) and snippet_id = \(snippet.id)
            """)
    }

    func delete(_ id: SnippetID) async throws {
        try await transaction.query("delete from templates.snippet where tenant_id = \(tenantID) and snippet_id = \(id)")
    }

    /// Counts a use.
    func use(_ id: SnippetID, at time: Instant) async throws -> Int32? {
        let rows = try await transaction.query(
            """
            update templates.snippet
            set use_count = least(use_count, 2147483646) + 1, last_use_time = greatest(last_use_time, \(time))
            where tenant_id = \(tenantID) and snippet_id = \(id)
            returning use_count
            """)
        return try rows.first?.decode(Int32.self)
    }
}

// MARK: - Rows

extension Snippet {
    init(row: Row) throws {
        self.init(
            id: try row["snippet_id"],
            content: SnippetContent(
                shortcut: try row["shortcut"], title: try row["title"], departmentIDs: try row["department_ids"],
                texts: try row["texts", as: PostgresJSON.self].kept()),
            useCount: try row["use_count"],
            lastUseTime: try row["last_use_time"],
            createTime: try row["create_time"],
            updateTime: try row["update_time"],
            version: try row["version"])
    }
}

extension SnippetCandidate {
    init(row: Row) throws {
        self.init(
            id: try row["snippet_id"], shortcut: try row["shortcut"], title: try row["title"], useCount: try row["use_count"],
            lastUseTime: try row["last_use_time"])
    }
}
