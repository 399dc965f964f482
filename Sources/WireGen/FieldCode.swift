/// The Swift text that one field asks for.
extension FieldType {
    var swiftType: String {
        switch self {
        case .scalar(let scalar): scalar.swiftType
        case .enumeration(let model): model.reference
        case .message(let model): model.reference
        }
    }

    /// What stands for absence in proto3.
    var defaultValue: String {
        switch self {
        case .scalar(.string): "\"\""
        case .scalar(.bytes): "[]"
        case .scalar(.bool): "false"
        case .scalar: "0"
        case .enumeration(let model): "." + SwiftNames.escaped(model.cases[0].swiftName)
        case .message(let model): "\(model.reference)()"
        }
    }

    /// The Swift value of the C value `c`.
    func fromC(_ c: String) -> String {
        switch self {
        case .scalar(.string): "String(c: \(c))"
        case .scalar(.bytes): "[UInt8](c: \(c))"
        case .scalar(.bool): "\(c) != 0"
        case .scalar: c
        case .enumeration(let model): "\(model.reference)(c: \(c).rawValue)"
        case .message(let model): "\(model.reference)(c: \(c))"
        }
    }

    /// The C value of the Swift value `value`.
    func toC(_ value: String) -> String {
        switch self {
        case .scalar(.string): "arena.text(\(value))"
        case .scalar(.bytes): "arena.bytes(\(value))"
        case .scalar(.bool): "\(value) ? 1 : 0"
        case .scalar: value
        case .enumeration: ".init(rawValue: .init(truncatingIfNeeded: \(value).rawValue))"
        case .message: "arena.message(\(value))"
        }
    }

    /// What both ways between C's arrays and Swift's are called: the arena's functions, and labels of `Array`'s initialisers.
    var listName: String {
        switch self {
        case .scalar(.string): "texts"
        case .scalar(.bytes): "blobs"
        case .scalar(.bool): "bools"
        case .scalar: "numbers"
        case .enumeration: "enums"
        case .message: "messages"
        }
    }

    var isMessage: Bool {
        if case .message = self { true } else { false }
    }
}

extension ScalarType {
    var swiftType: String {
        switch self {
        case .int32, .sint32, .sfixed32: "Int32"
        case .int64, .sint64, .sfixed64: "Int64"
        case .uint32, .fixed32: "UInt32"
        case .uint64, .fixed64: "UInt64"
        case .float: "Float"
        case .double: "Double"
        case .bool: "Bool"
        case .string: "String"
        case .bytes: "[UInt8]"
        }
    }
}

extension FieldModel {
    var swiftType: String {
        switch cardinality {
        case .singular: type.isMessage ? type.swiftType + "?" : type.swiftType
        case .optional: type.swiftType + "?"
        case .repeated: "[\(type.swiftType)]"
        case .map(let entry): "[\(entry.fields[0].type.swiftType): \(entry.fields[1].type.swiftType)]"
        case .oneof: type.swiftType
        }
    }

    /// nil where Swift's own `nil` does.
    var defaultValue: String? {
        switch cardinality {
        case .singular: type.isMessage ? nil : type.defaultValue
        case .optional: nil
        case .repeated: "[]"
        case .map: "[:]"
        case .oneof: nil
        }
    }

    var escapedName: String { SwiftNames.escaped(swiftName) }
    var storedName: String { isBoxed ? "_" + swiftName : escapedName }
    /// As code inside the type names it, whatever its parameters are called.
    var selfName: String { "self.\(memberName(swiftName))" }
    private var selfStored: String { isBoxed ? "self._\(swiftName)" : selfName }

    private var c: String { "c.pointee.\(memberName(cName))" }
    private var count: String { "c.pointee.n_\(cName)" }

    /// The line of `load`.
    var decode: String {
        switch cardinality {
        case .singular where type.isMessage:
            isBoxed
                ? "\(selfStored) = \(c).map { Protobuf.Box(\(type.fromC("$0"))) }"
                : "\(selfStored) = \(c).map { \(type.fromC("$0")) }"
        case .singular: "\(selfStored) = \(type.fromC(c))"
        case .optional: "\(selfStored) = c.pointee.has_\(cName) != 0 ? \(type.fromC(c)) : nil"
        case .repeated: "\(selfStored) = Array(\(type.listName): \(c), \(count))"
        case .map(let entry): "\(selfStored) = Dictionary(c: \(c), \(count)) { \(entryValues(entry)) }"
        case .oneof: ""
        }
    }

    private func entryValues(_ entry: MessageModel) -> String {
        let key = entry.fields[0].type.fromC("$0.pointee.key")
        let value = entry.fields[1].type
        if value.isMessage { return "(\(key), $0.pointee.value.map { \(value.fromC("$0")) } ?? \(value.defaultValue))" }
        return "(\(key), \(value.fromC("$0.pointee.value")))"
    }

    /// The lines of `fill`.
    func encode(_ out: inout Source) {
        switch cardinality {
        case .singular: out.line("\(c) = \(type.toC(selfName))")
        case .optional:
            out.block("if let value = \(selfName)") { out in
                out.line("c.pointee.has_\(cName) = 1")
                out.line("\(c) = \(type.toC("value"))")
            }
        case .repeated:
            out.line("\(c) = arena.\(type.listName)(\(selfName))")
            out.line("\(count) = \(selfName).count")
        case .map(let entry):
            let wire = CNames.wire(entry.fullName)
            out.block("\(c) = arena.map(\(selfName), \(wire)())", close: "}") { out in
                out.line("(entry: UnsafeMutablePointer<\(entry.cName)>, key, value) in")
                out.line("entry.pointee.key = \(entry.fields[0].type.toC("key"))")
                out.line("entry.pointee.value = \(entry.fields[1].type.toC("value"))")
            }
            out.line("\(count) = \(selfName).count")
        case .oneof: break
        }
    }

    /// The case of `load`'s switch over the oneof.
    func decodeMember(into oneof: String) -> String {
        let name = SwiftNames.escaped(swiftName)
        if type.isMessage { return "case \(number): \(oneof) = \(c).map { .\(name)(\(type.fromC("$0"))) }" }
        return "case \(number): \(oneof) = .\(name)(\(type.fromC(c)))"
    }

    var encodeMember: String { "\(c) = \(type.toC("value"))" }

    /// The names under which JSON may hold the field.
    var jsonNames: String {
        jsonName == protoName ? "\"\(jsonName)\"" : "\"\(jsonName)\", \"\(protoName)\""
    }
}

/// After a dot Swift takes every word but these for a name.
func memberName(_ name: String) -> String {
    ["init", "self", "Type"].contains(name) ? "`\(name)`" : name
}
