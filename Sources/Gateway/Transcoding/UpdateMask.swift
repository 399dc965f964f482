extension Schema {
    /// The field mask of a PATCH that names none: every field its body holds, down to the leaves, in the spelling of
    /// JSON. The etag is a condition, not a change.
    func updateMask(of body: JSONValue, as message: String) -> String {
        paths(of: body, as: message).joined(separator: ",")
    }

    private func paths(of body: JSONValue, as message: String) -> [String] {
        guard case .object(let object) = body, let schema = messages[message] else { return [] }
        return object.members.flatMap { member -> [String] in
            guard let field = schema.field(named: member.name), field.name != "etag" else { return [] }
            if case .message(let name) = field.kind, !field.isRepeated, WellKnownType(rawValue: name) == nil,
                case .object(let inner) = member.value, !inner.isEmpty
            {
                return paths(of: member.value, as: name).map { "\(field.jsonName).\($0)" }
            }
            return [field.jsonName]
        }
    }
}
