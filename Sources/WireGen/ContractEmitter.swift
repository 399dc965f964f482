/// All files of one contract but those of protoc-gen-c, by their paths below the output folder.
struct ContractEmitter {
    let contract: Contract
    /// The contract's files and what they import, as reflection serves them.
    let descriptors: [UInt8]

    func files() -> [String: String] {
        var files: [String: String] = [:]
        let swift = SwiftFile(contract: contract)
        for file in contract.files {
            for message in file.messages {
                files["\(contract.module)/\(fileName(message.swiftName))"] =
                    MessageEmitter(file: swift).source(message, from: file.path)
            }
            for enumeration in file.enums {
                var out = Source()
                swift.header(&out, path: file.path, messages: [], importsC: false)
                EnumEmitter.emit(enumeration, &out)
                EnumEmitter.emitNames(enumeration, &out)
                files["\(contract.module)/\(fileName(enumeration.swiftName))"] = out.text
            }
            for service in file.services {
                files["\(contract.module)/\(service.name).swift"] =
                    ServiceEmitter(file: swift, contract: contract).source(service, from: file.path)
            }
        }
        files["\(contract.module)/FileDescriptors.swift"] = fileDescriptors(swift)
        let c = cEmitter
        files["C\(contract.module)/include/module.modulemap"] = c.moduleMap
        files["C\(contract.module)/include/C\(contract.module).h"] = c.header
        files["C\(contract.module)/tables.c"] = c.tables
        files["C\(contract.module)/descriptors.c"] = c.descriptors(descriptors)
        return files
    }

    private func fileName(_ type: String) -> String { type.filter { $0 != "`" } + ".swift" }

    private var cEmitter: CEmitter {
        let modules = Set(contract.allMessages.flatMap { $0.fields.flatMap(\.type.modules) }).subtracting([contract.module])
        let headers = contract.files.map { String($0.path.dropLast(".proto".count)) + ".pb-c.h" }.sorted()
        return CEmitter(contract: contract, imports: modules.sorted(), headers: headers)
    }

    private func fileDescriptors(_ swift: SwiftFile) -> String {
        var out = Source()
        let name = cEmitter.descriptorsName
        swift.header(&out, path: "the package \(contract.package)", messages: [], importsC: true)
        out.line()
        out.line("/// The contract's files and all they import, with the comments of our own.")
        out.block("public enum \(contract.module)FileDescriptors") { out in
            out.line("/// A `google.protobuf.FileDescriptorSet`.")
            out.block("public static var serialized: [UInt8]") { out in
                out.line("Array(UnsafeBufferPointer(start: \(name)_bytes(), count: \(name)_size))")
            }
        }
        out.line()
        out.line("/// The contract's messages by their names, for what an `Any` may hold.")
        out.block("public enum \(contract.module)Messages") { out in
            out.line("public static let registry = TypeRegistry(all)")
            out.line()
            out.line("public static let all: [any Protobuf.Message.Type] = [")
            out.indented { out in
                for message in contract.allMessages where !message.isMapEntry { out.line("\(message.reference).self,") }
            }
            out.line("]")
        }
        return out.text
    }
}
