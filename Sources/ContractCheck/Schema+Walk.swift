/// Elements of a schema with their full names, nested ones included.
extension Schema.File {
    /// `name` as the file's package makes it full.
    package func fullName(_ name: String) -> String {
        package.isEmpty ? name : "\(package).\(name)"
    }

    /// Every message, map entries left out, outer before inner.
    package var allMessages: [(fullName: String, message: Schema.Message)] {
        messages.flatMap { $0.withNested(prefix: package) }.filter { !$0.message.isMapEntry }
    }

    /// Every enum, at the top and in messages.
    package var allEnums: [(fullName: String, enum: Schema.Enum)] {
        enums.map { (fullName($0.label.name), $0) }
            + allMessages.flatMap { outer in outer.message.enums.map { ("\(outer.fullName).\($0.label.name)", $0) } }
    }

    /// Every full name that another file can use from this one.
    package var definedNames: Set<String> {
        Set(allMessages.map(\.fullName)).union(allEnums.map(\.fullName))
    }

    /// Every full name that this file uses, its own included.
    package var usedNames: Set<String> {
        var names: Set<String> = []
        let fields =
            messages.flatMap { $0.withNested(prefix: package) }.flatMap(\.message.fields) + extensions.map(\.field)
        for field in fields {
            switch field.type {
            case .message(let name), .enum(let name): names.insert(name)
            case .scalar: break
            }
        }
        for method in services.flatMap(\.methods) {
            names.formUnion([method.request, method.response])
        }
        return names.union(extensions.map(\.extendee))
    }

    /// The directory it stands in, without a trailing slash.
    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    /// Where a finding about the file as a whole points to.
    var place: Schema.Place { .init(file: path, line: 1) }
}

extension Schema.Message {
    fileprivate func withNested(prefix: String) -> [(fullName: String, message: Schema.Message)] {
        let fullName = prefix.isEmpty ? label.name : "\(prefix).\(label.name)"
        return [(fullName, self)] + messages.flatMap { $0.withNested(prefix: fullName) }
    }
}
