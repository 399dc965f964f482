/// Writes a message as a Swift struct with its nested types, and how it moves to and from C and JSON.
struct MessageEmitter {
    let file: SwiftFile

    func source(_ message: MessageModel, from path: String) -> String {
        var out = Source()
        file.header(&out, path: path, messages: [message], importsC: true)
        emit(message, &out)
        for part in message.withNested where !part.isMapEntry {
            emitCoding(part, &out)
            emitJSON(part, &out)
        }
        for enumeration in message.withNested.flatMap(\.enums) { EnumEmitter.emitNames(enumeration, &out) }
        return out.text
    }

    // MARK: - The struct

    private func emit(_ message: MessageModel, _ out: inout Source) {
        out.line()
        out.doc(message.comment)
        out.block("public struct \(message.swiftName): GeneratedMessage") { out in
            for field in message.fields { emitProperty(field, of: message, &out) }
            for oneof in message.oneofs {
                out.doc(oneof.comment)
                out.line("public var \(SwiftNames.escaped(oneof.swiftName)): \(oneof.typeName)?")
            }
            out.line("public var unknownFields = UnknownFields()")
            out.line()
            out.line("public static var typeName: String { \"\(message.fullName)\" }")
            out.line()
            out.line("public init() {}")
            emitInitializer(message, &out)
            for oneof in message.oneofs { emitOneof(oneof, &out) }
            for enumeration in message.enums { EnumEmitter.emit(enumeration, &out) }
            for nested in message.nested where !nested.isMapEntry { emit(nested, &out) }
        }
    }

    private func emitProperty(_ field: FieldModel, of message: MessageModel, _ out: inout Source) {
        if case .oneof = field.cardinality { return }
        out.doc(field.comment)
        guard field.isBoxed else {
            let start = field.defaultValue.map { " = \($0)" } ?? ""
            out.line("public var \(field.escapedName): \(field.swiftType)\(start)")
            return
        }
        out.block("public var \(field.escapedName): \(field.swiftType)") { out in
            out.line("get { \(field.storedName)?.value }")
            out.line("set { \(field.storedName) = newValue.map { Protobuf.Box($0) } }")
        }
        out.line("private var \(field.storedName): Protobuf.Box<\(field.type.swiftType)>?")
    }

    private func emitInitializer(_ message: MessageModel, _ out: inout Source) {
        var parameters: [(name: String, type: String, start: String)] = []
        for field in message.fields {
            if case .oneof = field.cardinality { continue }
            parameters.append((field.escapedName, field.swiftType, field.defaultValue ?? "nil"))
        }
        for oneof in message.oneofs { parameters.append((SwiftNames.escaped(oneof.swiftName), oneof.typeName + "?", "nil")) }
        guard !parameters.isEmpty else { return }
        out.line()
        out.line("public init(")
        out.indented { out in
            for (index, parameter) in parameters.enumerated() {
                let comma = index == parameters.count - 1 ? "" : ","
                out.line("\(parameter.name): \(parameter.type) = \(parameter.start)\(comma)")
            }
        }
        out.block(")") { out in
            for parameter in parameters { out.line("self.\(memberName(parameter.name)) = \(parameter.name)") }
        }
    }

    private func emitOneof(_ oneof: OneofModel, _ out: inout Source) {
        out.line()
        out.doc(oneof.comment)
        out.block("public enum \(oneof.typeName): Sendable, Hashable") { out in
            for member in oneof.members {
                out.doc(member.comment)
                out.line("\(member.isBoxed ? "indirect " : "")case \(member.escapedName)(\(member.type.swiftType))")
            }
        }
    }

    // MARK: - To and from C

    private func emitCoding(_ message: MessageModel, _ out: inout Source) {
        out.line()
        out.block("extension \(message.swiftPath)") { out in
            out.line("public static var wire: UnsafeRawPointer { UnsafeRawPointer(\(CNames.wire(message.fullName))()) }")
            out.line()
            out.block("public mutating func load(_ pointer: UnsafeRawPointer)") { out in
                if !message.fields.isEmpty {
                    out.line("let c = pointer.assumingMemoryBound(to: \(message.cName).self)")
                }
                for field in message.fields where !field.decode.isEmpty { out.line(field.decode) }
                for oneof in message.oneofs { emitDecoding(oneof, &out) }
                out.line("self.unknownFields = UnknownFields(c: pointer)")
            }
            out.line()
            out.block("public func fill(_ pointer: UnsafeMutableRawPointer, _ arena: Arena)") { out in
                if !message.fields.isEmpty {
                    out.line("let c = pointer.assumingMemoryBound(to: \(message.cName).self)")
                }
                for field in message.fields { field.encode(&out) }
                for oneof in message.oneofs { emitEncoding(oneof, &out) }
            }
        }
    }

    private func emitDecoding(_ oneof: OneofModel, _ out: inout Source) {
        out.block("switch c.pointee.\(CNames.lower(oneof.protoName))_case.rawValue") { out in
            for member in oneof.members { out.line(member.decodeMember(into: oneof.selfName)) }
            out.line("default: break")
        }
    }

    private func emitEncoding(_ oneof: OneofModel, _ out: inout Source) {
        out.block("switch \(oneof.selfName)") { out in
            for member in oneof.members {
                out.line("case .\(member.escapedName)(let value):")
                out.indented { out in
                    out.line(member.encodeMember)
                    out.line("c.pointee.\(CNames.lower(oneof.protoName))_case = .init(rawValue: \(member.number))")
                }
            }
            out.line("case nil: break")
        }
    }

    // MARK: - To and from JSON

    private func emitJSON(_ message: MessageModel, _ out: inout Source) {
        out.line()
        if let own = WellKnownJSON.extensions[message.fullName] {
            out.block("extension \(message.swiftPath)") { out in
                for line in own.split(separator: "\n", omittingEmptySubsequences: false) { out.line(String(line)) }
            }
            return
        }
        out.block("extension \(message.swiftPath)") { out in
            out.block("public func writeMembers(to json: inout JSONWriter)") { out in
                for field in message.fields {
                    if case .oneof = field.cardinality { continue }
                    out.line("json.member(\"\(field.jsonName)\", \(field.selfName))")
                }
                for oneof in message.oneofs { emitWriting(oneof, &out) }
            }
            out.line()
            let head =
                "public mutating func readMember(_ name: JSONName, from json: inout JSONReader) throws(JSONDecodingError) -> Int32"
            out.block(head) { out in
                guard !message.fields.isEmpty else {
                    out.line("0")
                    return
                }
                out.block("switch name") { out in
                    for field in message.fields { emitReading(field, of: message, &out) }
                    out.line("default: return 0")
                }
            }
        }
    }

    private func emitWriting(_ oneof: OneofModel, _ out: inout Source) {
        out.block("switch \(oneof.selfName)") { out in
            for member in oneof.members {
                out.line("case .\(member.escapedName)(let value): json.present(\"\(member.jsonName)\", value)")
            }
            out.line("case nil: break")
        }
    }

    private func emitReading(_ field: FieldModel, of message: MessageModel, _ out: inout Source) {
        out.line("case \(field.jsonNames):")
        out.indented { out in
            guard case .oneof(let index) = field.cardinality else {
                out.line("try json.read(into: &\(field.selfName))")
                out.line("return \(field.number)")
                return
            }
            let oneof = message.oneofs[index]
            let name = oneof.selfName
            let reading = "try json.oneofMember(\"\(oneof.protoName)\", isSet: \(name) != nil, as: \(field.type.swiftType).self)"
            out.block("if let value = \(reading)") { out in out.line("\(name) = .\(field.escapedName)(value)") }
            out.line("return \(field.number)")
        }
    }
}
