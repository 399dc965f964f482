import ServiceDatabase
import TenantDirectory

extension ContactsModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("contacts") {
                "select count(*) from contacts.contact where tenant_id = \($0) and state <> 'erased'"
            }
        ],
        retention: [.trail(of: name)],
        mayDelete: KnownTenants.mayDelete(from: name))
}
