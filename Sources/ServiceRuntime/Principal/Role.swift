/// The built-in roles as sets of permissions (C34): the one table. Further roles are data of routing.
package enum Role: String, Sendable, Hashable, CaseIterable {
    /// Reads and never changes: not one of those who may use the inbox (S19).
    case viewer
    case agent
    case `operator`
    case admin

    package var permissions: Set<Permission> {
        switch self {
        case .viewer:
            [.channelsRead, .contactsRead, .conversationsRead, .templatesRead, .ticketsInternal, .ticketsRead]
        case .agent:
            Role.viewer.permissions.union([
                .contactsBlock, .contactsEdit, .contactsResolve, .conversationsHandle, .objectsCreate, .templatesUse,
                .ticketsHandle,
            ])
        case .operator:
            Role.agent.permissions.union([
                .contactsExport, .contactsMerge, .contactsUnblock, .conversationsSupervise, .reportsRead, .routingSupervise,
                .templatesManage,
            ])
        case .admin:
            Role.operator.permissions.union([
                .agentsManage, .auditRead, .channelsManage, .contactsErase, .contactsImport, .contactsReadSensitive,
                .departmentsManage, .fieldsManage, .keysManage, .rolesManage, .tenantManage, .ticketsManage,
            ])
        }
    }
}

extension Principal.Kind {
    /// What a caller of this kind may do without any role.
    var permissions: Set<Permission> {
        switch self {
        case .agent, .integrator, .service: []
        case .bot:
            [
                .contactsRead, .contactsResolve, .conversationsAutomate, .conversationsRead, .templatesRead, .templatesUse,
                .ticketsRead,
            ]
        case .visitor: [.widgetUse]
        }
    }
}
