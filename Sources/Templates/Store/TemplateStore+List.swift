import FoundationEssentials
import Postgres

/// Which templates the gallery shows.
struct TemplateFilter: Sendable, Hashable {
    /// As it is compared; empty: everything.
    var query = ""
    var accountID: UUID?
    var languages: [TemplateLanguage] = []
    var categories: [TemplateCategory] = []
    /// None: all but deleted ones.
    var statuses: [TemplateStatus] = []
    var isSendableOnly = false

    /// The statuses that pass.
    var passing: [TemplateStatus] {
        let asked = statuses.isEmpty ? TemplateStatus.allCases.filter { $0 != .deleted } : statuses
        return isSendableOnly ? asked.filter(\.isSendable) : asked
    }
}

/// The place of a template in the gallery: where a page ends and the next begins.
struct TemplatePageEnd: Sendable, Hashable {
    var name: String
    var language: String
    var id: TemplateID

    init(_ template: Template) {
        (name, language, id) = (template.name, template.language.description, template.id)
    }

    init?(keys: [String]) {
        guard let id = TemplateID(keys[2]) else { return nil }
        (name, language, self.id) = (keys[0], keys[1], id)
    }

    var keys: [String] { [name, language, id.description] }
}

extension TemplateStore {
    /// The templates that pass the filter, after a place, by name and language.
    func templates(_ filter: TemplateFilter, after end: TemplatePageEnd?, limit: Int) async throws -> [Template] {
        let rows = try await transaction.query(
            """
            select \(fragment: Self.columns)
            from templates.template
            where tenant_id = \(tenantID)
              and status = any(\(filter.passing.map(\.rawValue)))
              and (\(filter.accountID)::uuid is null or channel_account_id = \(filter.accountID))
              and (\(filter.languages.isEmpty) or language = any(\(filter.languages.map(\.description))))
              and (\(filter.categories.isEmpty) or category = any(\(filter.categories.map(\.rawValue))))
              -- Not a pattern: what was typed is taken as it is.
              and (\(filter.query) = '' or position(\(filter.query) in search_text) > 0)
              and \(fragment: end.map(Self.beyond) ?? "true")
            order by name collate "C", language, template_id
            limit \(limit)
            """)
        return try rows.map(Template.init(row:))
    }

    private static func beyond(_ end: TemplatePageEnd) -> SQL {
        """
        (name collate "C", language, template_id) > (\(end.name) collate "C", \(end.language), \(end.id))
        """
    }
}
