import Foundation
import ServiceRuntime
import WallTime

/// The two tenants of these tests: the one that calls, and the one whose things it must not see.
enum People {
    struct Tenant: Sendable {
        let seed: Int
        func id(_ number: Int) -> UUID { UUID(uuidString: String(format: "00000000-%04x-7000-8000-%012x", seed, number))! }
        var id: UUID { id(1) }
        var department: UUID { id(2) }
        var account: UUID { id(3) }
        var agent: UUID { id(4) }
        var visitor: UUID { id(5) }
        var colleague: UUID { id(6) }
        var emailAccount: UUID { id(7) }
        var phoneAccount: UUID { id(8) }
    }

    static let own = Tenant(seed: 1)
    static let other = Tenant(seed: 2)

    /// What SWITCHBOARD_DIRECTORY_FILE names.
    static var directory: String {
        let tenants = [own, other].map { tenant in
            """
            {"id": "\(tenant.id.text)", "name": "T\(tenant.seed)",
             "departments": [{"id": "\(tenant.department.text)", "name": "Support", "default": true}],
             "agents": [{"id": "\(tenant.agent.text)", "name": "Ana", "role": "admin", "loadMax": 100, "emailLoadMax": 1000,
                         "departments": ["\(tenant.department.text)"]},
                        {"id": "\(tenant.colleague.text)", "name": "Bea", "role": "agent", "loadMax": 100,
                         "departments": ["\(tenant.department.text)"]}],
             "channelAccounts": [{"id": "\(tenant.account.text)", "kind": "webchat", "name": "Web",
                                  "department": "\(tenant.department.text)", "widgetKey": "wk_\(tenant.seed)",
                                  "allowedOrigins": ["https://shop.example"]},
                                 {"id": "\(tenant.emailAccount.text)", "kind": "email", "name": "Mail",
                                  "department": "\(tenant.department.text)"},
                                 {"id": "\(tenant.phoneAccount.text)", "kind": "whatsapp", "name": "Phone",
                                  "department": "\(tenant.department.text)"}]}
            """
        }
        return "{\"tenants\": [\(tenants.joined(separator: ","))]}"
    }
}
