import Foundation
import GoogleProtobuf
import Protobuf

/// From a folder of contracts to a folder of C and Swift targets; protoc and protoc-gen-c do the first half.
public struct Generator {
    let protos: URL
    let output: URL
    /// The one proto package whose targets are wanted, where its imports are somebody else's. Nil: all that the protos ask for.
    let package: String?

    public init(protos: String, output: String, package: String? = nil) {
        self.package = package
        self.protos = URL(filePath: protos, directoryHint: .isDirectory)
        self.output = URL(filePath: output, directoryHint: .isDirectory)
    }

    /// Generated once, from the files that protoc brings along.
    static let wellKnown = ["any", "descriptor", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"].map {
        "google/protobuf/\($0).proto"
    }

    /// Writes every target and removes what no contract asks for any more. Answers the names of the Swift modules.
    @discardableResult
    public func run() throws -> [String] {
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "wiregen-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }

        let set = try descriptors(in: scratch)
        var files = try Self.files(for: set)
        for (path, text) in try compiledC(set, in: scratch) { files[path] = text }
        let modules = try SchemaReader.contracts(set).filter { package == nil || $0.package == package }.map(\.module)
        let targets = Set(modules + modules.map { "C" + $0 })
        try write(files.filter { path, _ in targets.contains(String(path.prefix { $0 != "/" })) })
        return modules
    }

    /// The files that WireGen itself writes, by their paths below the output folder.
    static func files(for set: FileDescriptorSet) throws -> [String: String] {
        var files: [String: String] = [:]
        for contract in try SchemaReader.contracts(set) {
            let descriptors = Descriptors.closure(of: contract.files.map(\.path), in: set).serialized()
            files.merge(ContractEmitter(contract: contract, descriptors: descriptors).files()) { _, new in new }
        }
        return files
    }

    private func descriptors(in scratch: URL) throws -> FileDescriptorSet {
        let set = scratch.appending(path: "contracts.binpb")
        let names = try protoFiles() + Self.wellKnown
        try Tool.run(
            "protoc",
            ["--proto_path=\(protos.path)", "--include_imports", "--include_source_info", "--descriptor_set_out=\(set.path)"]
                + names)
        let limits = DecodingLimits(messageBytesMax: 64 << 20, fieldsMax: 10_000_000, arenaBytesMax: 1 << 30)
        return try FileDescriptorSet(serialized: Array(Data(contentsOf: set)), limits: limits)
    }

    private func protoFiles() throws -> [String] {
        let root = protos.standardizedFileURL.path
        let all = try FileManager.default.subpathsOfDirectory(atPath: root)
        return all.filter { $0.hasSuffix(".proto") }.sorted()
    }

    /// protoc-gen-c's output, each file in the C target of its package.
    private func compiledC(_ set: FileDescriptorSet, in scratch: URL) throws -> [String: String] {
        let input = scratch.appending(path: "c.binpb")
        let c = scratch.appending(path: "c")
        try FileManager.default.createDirectory(at: c, withIntermediateDirectories: true)
        try Data(Descriptors.forC(set).serialized()).write(to: input)
        try Tool.run("protoc", ["--descriptor_set_in=\(input.path)", "--c_out=\(c.path)"] + set.file.map { $0.name ?? "" })
        var files: [String: String] = [:]
        for file in set.file {
            let stem = String((file.name ?? "").dropLast(".proto".count))
            let module = "C" + SwiftNames.module(ofPackage: file.package ?? "")
            for (from, to) in [
                ("\(stem).pb-c.h", "\(module)/include/\(stem).pb-c.h"), ("\(stem).pb-c.c", "\(module)/\(stem).pb-c.c"),
            ] {
                files[to] = String(decoding: try Data(contentsOf: c.appending(path: from)), as: UTF8.self)
            }
        }
        return files
    }

    private func write(_ files: [String: String]) throws {
        let manager = FileManager.default
        try manager.createDirectory(at: output, withIntermediateDirectories: true)
        for path in try manager.subpathsOfDirectory(atPath: output.path) where files[path] == nil {
            let stale = output.appending(path: path)
            var isDirectory: ObjCBool = false
            guard manager.fileExists(atPath: stale.path, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue, files.keys.contains(where: { $0.hasPrefix(path + "/") }) { continue }
            try manager.removeItem(at: stale)
        }
        for (path, text) in files {
            let file = output.appending(path: path)
            let data = Data(text.utf8)
            // Untouched where nothing changed, so that the compiler has nothing to do.
            if (try? Data(contentsOf: file)) == data { continue }
            try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: file)
        }
    }
}
