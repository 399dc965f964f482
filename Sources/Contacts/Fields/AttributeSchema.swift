/// The attributes that a tenant has defined, as a rule on contacts' values: what is defined must fit, what is not is free.
struct AttributeSchema: Sendable, Hashable {
    let definitions: [String: AttributeDefinition]

    init(_ definitions: [AttributeDefinition] = []) {
        self.definitions = Dictionary(uniqueKeysWithValues: definitions.map { ($0.key, $0) })
    }

    /// The keys of which only some callers are told.
    var sensitiveKeys: Set<String> { Set(definitions.values.lazy.filter(\.sensitive).map(\.key)) }

    /// What keeps new values from being stored, by path in Contact. A value that stays as it is is not looked at: it may be
    /// older than its definition. One that goes is always allowed.
    func violations(of fields: ContactFields, insteadOf old: ContactFields) -> [FieldViolation] {
        fields.attributes.keys.sorted().compactMap { key in
            guard let value = fields.attributes[key], value != old.attributes[key], let definition = definitions[key] else {
                return nil
            }
            let problem = definition.archived ? "is archived and takes no new value" : definition.problem(of: value)
            return problem.map { FieldViolation("attributes.\(key)", $0) }
        }
    }
}
