import ContractCheck
import Foundation
import Testing

/// The project's contracts, compiled by protoc from the checkout.
enum Contracts {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Compiled once for all tests.
    static let current: Result<Schema, any Error> = Result { try compile(root.appending(path: "protos")) }

    static func isOurs(_ path: String) -> Bool { path.hasPrefix("switchboard/") }

    /// A copy of `schema` for each of our packages, broken in the first of its files where `breakage` finds something to break.
    static func broken(_ schema: Schema, by breakage: Breakage) -> [(path: String, schema: Schema)] {
        let packages = Set(schema.files.filter { isOurs($0.path) }.map(\.package)).sorted()
        return packages.compactMap { package in
            for index in schema.files.indices where schema.files[index].package == package {
                var copy = schema
                if breakage.apply(&copy.files[index]) { return (schema.files[index].path, copy) }
            }
            return nil
        }
    }

    /// Every contract of ours below `folder`.
    static func compile(_ folder: URL) throws -> Schema {
        let output = FileManager.default.temporaryDirectory.appending(path: "contracts-\(UUID().uuidString).binpb")
        defer { try? FileManager.default.removeItem(at: output) }
        let found = FileManager.default.enumerator(at: folder.appending(path: "switchboard"), includingPropertiesForKeys: nil)
        let files = (found?.compactMap { ($0 as? URL)?.path } ?? []).filter { $0.hasSuffix(".proto") }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["protoc", "-I", folder.path, "--include_imports", "--include_source_info", "--descriptor_set_out", output.path]
            + files
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try Schema(descriptorSet: Array(Data(contentsOf: output)))
    }
}
