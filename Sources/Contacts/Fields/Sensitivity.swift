import GRPC
import ServiceRuntime

/// Who is told of sensitive attributes: holders of `contacts.read_sensitive`, and nobody on a service's own behalf, for what
/// a service is told it may show to anybody.
extension Handlers {
    /// The contacts as the caller may see them.
    func shown(_ contacts: [Contact], _ store: ContactStore, _ context: ServerContext) async throws -> [Contact] {
        guard contacts.contains(where: { !$0.fields.attributes.isEmpty }) else { return contacts }
        let hidden = try await hiddenKeys(store, context)
        guard !hidden.isEmpty else { return contacts }
        return contacts.map { contact in
            var contact = contact
            contact.fields.attributes = contact.fields.attributes.filter { !hidden.contains($0.key) }
            return contact
        }
    }

    func shown(_ contact: Contact, _ store: ContactStore, _ context: ServerContext) async throws -> Contact {
        try await shown([contact], store, context)[0]
    }

    /// The attributes that the caller may not see.
    func hiddenKeys(_ store: ContactStore, _ context: ServerContext) async throws -> Set<String> {
        guard try !context.principal.has(.contactsReadSensitive) else { return [] }
        return try await store.schema().sensitiveKeys
    }
}

extension ContactFilter {
    /// A filter would tell what the list does not show.
    /// - Throws: PERMISSION_DENIED.
    func check(hidden: Set<String>) throws(Failure) {
        guard hidden.isDisjoint(with: condition?.attributeKeys ?? []) else {
            throw .permissionDenied(Permission.contactsReadSensitive.rawValue)
        }
    }
}

extension ContactCondition {
    /// The attributes that the condition looks at.
    fileprivate var attributeKeys: Set<String> {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.attributeKeys) }
        case .not(let part): part.attributeKeys
        case .attribute(let key, _, _), .hasAttribute(let key): [key]
        case .text, .owner, .anotherOwner, .hasOwner, .state, .blocked, .time, .identityKind, .identityAddress: []
        }
    }
}
