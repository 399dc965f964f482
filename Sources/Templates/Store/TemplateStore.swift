import FoundationEssentials
import Postgres
import WallTime

/// The tables of templates, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct TemplateStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Reading

extension TemplateStore {
    func template(_ id: TemplateID) async throws -> Template? {
        try await templates([id]).first
    }

    /// The templates with these ids, in no order; unknown ones are missing.
    func templates(_ ids: [TemplateID]) async throws -> [Template] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.template
            where tenant_id = \(tenantID) and template_id = any(\(ids.map(\.uuid)))
            """)
        return try rows.map(Template.init(row:))
    }

    /// The template, locked until the transaction ends: between reading and changing it nobody else changes it.
    func lockedTemplate(_ id: TemplateID) async throws -> Template? {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.template
            where tenant_id = \(tenantID) and template_id = \(id)
            for update
            """)
        return try rows.map(Template.init(row:)).first
    }

    /// The template of this name and language that is not deleted; failing that, the one deleted last.
    func templateID(_ account: UUID, _ name: String, _ language: TemplateLanguage) async throws -> TemplateID? {
        let rows = try await transaction.query(
            """
            select template_id
            from templates.template
            where tenant_id = \(tenantID) and channel_account_id = \(account) and name = \(name)
              and language = \(language.description)
            order by (status <> 'deleted') desc, create_time desc, template_id desc
            limit 1
            """)
        return try rows.first?.decode(TemplateID.self)
    }

    /// All languages of one template that are not deleted.
    func siblings(_ account: UUID, _ name: String) async throws -> [Template] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.template
            where tenant_id = \(tenantID) and channel_account_id = \(account) and name = \(name) and status <> 'deleted'
            order by language
            """)
        return try rows.map(Template.init(row:))
    }

    static let columns: SQL = """
        template_id, channel_account_id, name, language, content, provider, revision, history_count, was_approved, submit_time,
        name_release_time, create_time, update_time, version
        """
}

// MARK: - What an account may still do

extension TemplateStore {
    /// Whatever counts an account's names or submissions happens one after the other, on all replicas.
    func lockAccount(_ account: UUID) async throws {
        let name = "templates.account/\(tenantID)/\(account)"
        try await transaction.query("select pg_advisory_xact_lock(hashtextextended(\(name), 0))")
    }

    /// Until when the name of a deleted template is blocked; `nil`: it is free.
    func nameBlock(_ account: UUID, _ name: String, now: Instant) async throws -> Instant? {
        let rows = try await transaction.query(
            """
            select max(name_release_time)
            from templates.template
            where tenant_id = \(tenantID) and channel_account_id = \(account) and name = \(name) and status = 'deleted'
              and name_release_time > \(now)
            """)
        return try rows[0].decode(Instant?.self)
    }

    /// How many names the account holds beside this one.
    func nameCount(_ account: UUID, without name: String) async throws -> Int {
        let rows = try await transaction.query(
            """
            select count(distinct name)
            from templates.template
            where tenant_id = \(tenantID) and channel_account_id = \(account) and status <> 'deleted' and name <> \(name)
            """)
        return try rows[0].decode(Int.self)
    }

    /// When templates of the account were submitted since then.
    func submissions(of account: UUID, since time: Instant) async throws -> [Instant] {
        let rows = try await transaction.query(
            """
            select history.record_time
            from templates.template_history history
            join templates.template template using (tenant_id, template_id)
            where history.tenant_id = \(tenantID) and history.change = 'submitted' and history.record_time > \(time)
              and template.channel_account_id = \(account)
            """)
        return try rows.map { try $0.decode(Instant.self) }
    }

    /// When the template was edited since then while it was approved.
    func approvedEdits(of id: TemplateID, since time: Instant) async throws -> [Instant] {
        let rows = try await transaction.query(
            """
            select record_time
            from templates.template_history
            where tenant_id = \(tenantID) and template_id = \(id) and change = 'edited' and status_before = 'approved'
              and record_time > \(time)
            """)
        return try rows.map { try $0.decode(Instant.self) }
    }
}

// MARK: - Writing

extension TemplateStore {
    /// - Returns: false where the account has one of this name and language, or is just getting one.
    func insert(_ template: Template) async throws -> Bool {
        let rows = try await transaction.query(
            """
            insert into templates.template
                (tenant_id, template_id, channel_account_id, name, language, category, status, content, search_text, provider,
                 create_time, update_time)
            values
                (\(tenantID), \(template.id), \(template.accountID), \(template.name), \(template.language.description),
                 \(template.category.rawValue), \(template.status.rawValue), \(PostgresJSON(keeping: template.content)),
                 \(template.searchText), \(PostgresJSON(keeping: template.provider)), \(template.createTime),
                 \(template.updateTime))
            on conflict (tenant_id, channel_account_id, name, language) where status <> 'deleted' do nothing
            """)
        return rows.affected == 1
    }

    /// Stores what can change of a template. The row is locked by the caller, so its version is the one that was read.
    func update(_ template: Template) async throws {
        try await transaction.query(
            """
            update templates.template
            set category = \(template.category.rawValue), status = \(template.status.rawValue),
                content = \(PostgresJSON(keeping: template.content)), search_text = \(template.searchText),
                provider = \(PostgresJSON(keeping: template.provider)), revision = \(template.revision),
                history_count = \(template.historyCount), was_approved = \(template.wasApproved),
                submit_time = \(template.submitTime), name_release_time = \(template.nameReleaseTime),
                update_time = \(template.updateTime), version = \(template.version)
            where tenant_id = \(tenantID) and template_id = \(template.id)
            """)
    }
}

// MARK: - Rows

extension Template {
    init(row: Row) throws {
        let language: String = try row["language"]
        guard let known = TemplateLanguage(language) else { throw UnknownStoredWord(type: "TemplateLanguage", word: language) }
        self.init(
            id: try row["template_id"],
            accountID: try row["channel_account_id"],
            name: try row["name"],
            language: known,
            content: try row["content", as: PostgresJSON.self].kept(),
            provider: try row["provider", as: PostgresJSON.self].kept(),
            revision: try row["revision"],
            historyCount: try row["history_count"],
            wasApproved: try row["was_approved"],
            submitTime: try row["submit_time"],
            nameReleaseTime: try row["name_release_time"],
            createTime: try row["create_time"],
            updateTime: try row["update_time"],
            version: try row["version"])
    }
}
