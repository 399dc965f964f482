import ServiceDatabase
import TenantDirectory

extension TemplatesModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("templates") {
                "select count(*) from templates.template where tenant_id = \($0) and status <> 'deleted'"
            },
            TenantData.Figure("snippets") { "select count(*) from templates.snippet where tenant_id = \($0)" },
        ],
        retention: [.trail(of: name)],
        mayDelete: KnownTenants.mayDelete(from: name))
}
