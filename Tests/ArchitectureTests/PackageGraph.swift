import Foundation

/// Package.swift's targets and what each depends on.
struct PackageGraph: Sendable {
    struct Target: Sendable {
        var name: String
        var path: String
        var isTest = false
        /// A library of the system.
        var isSystem = false
        /// Other targets of this package.
        var targets: Set<String> = []
        /// Products of other packages.
        var products: Set<String> = []
    }

    var targets: [Target]
    /// The library products with their targets.
    var libraries: [String: Set<String>] = [:]
    /// Packages named with their requirements, as `exact 1.2.3`.
    var packages: [String: String] = [:]
    var languageModes: [String] = []

    subscript(name: String) -> Target? { targets.first { $0.name == name } }

    /// These targets and all that they rest on.
    func closure(of names: Set<String>) -> [Target] {
        var (left, seen) = (Array(names), Set<String>())
        while let name = left.popLast() {
            if seen.insert(name).inserted { left += self[name]?.targets ?? [] }
        }
        return targets.filter { seen.contains($0.name) }
    }

    /// Products of other packages that are built where these targets are.
    func products(below names: Set<String>) -> Set<String> { Set(closure(of: names).flatMap(\.products)) }

    /// The target that a file belongs to.
    func target(of path: String) -> Target? {
        targets.filter { path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    }
}

extension PackageGraph {
    /// What SwiftPM makes of this checkout's Package.swift. It works in a folder of its own: the build's is locked while tests run.
    static let current: Result<PackageGraph, any Error> = Result {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "switchboard-architecture-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let json = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try PackageGraph(dump: json)
    }

    init(dump: Data) throws {
        let root = try JSONSerialization.jsonObject(with: dump) as? [String: Any] ?? [:]
        let described = root["targets"] as? [[String: Any]] ?? []
        targets = described.map(Target.init(dump:))
        libraries = Dictionary(
            (root["products"] as? [[String: Any]] ?? []).compactMap(Self.library), uniquingKeysWith: { first, _ in first })
        packages = Dictionary(
            (root["dependencies"] as? [[String: Any]] ?? []).compactMap(Self.package), uniquingKeysWith: { first, _ in first })
        languageModes = root["swiftLanguageVersions"] as? [String] ?? []
    }

    private static func library(_ dump: [String: Any]) -> (String, Set<String>)? {
        guard (dump["type"] as? [String: Any])?["library"] != nil, let name = dump["name"] as? String else { return nil }
        return (name, Set(dump["targets"] as? [String] ?? []))
    }

    private static func package(_ dump: [String: Any]) -> (String, String)? {
        guard let control = (dump["sourceControl"] as? [[String: Any]])?.first, let name = control["identity"] as? String else {
            return nil
        }
        let requirement = control["requirement"] as? [String: Any] ?? [:]
        let exact = (requirement["exact"] as? [String])?.first.map { "exact \($0)" }
        return (name, exact ?? requirement.keys.sorted().joined(separator: " "))
    }
}

extension PackageGraph.Target {
    fileprivate init(dump: [String: Any]) {
        name = dump["name"] as? String ?? ""
        let type = dump["type"] as? String ?? ""
        isTest = type == "test"
        isSystem = type == "system"
        path = dump["path"] as? String ?? "\(isTest ? "Tests" : "Sources")/\(name)"
        for dependency in dump["dependencies"] as? [[String: Any]] ?? [] {
            if let product = (dependency["product"] as? [Any])?.first as? String { products.insert(product) }
            for key in ["byName", "target"] {
                if let target = (dependency[key] as? [Any])?.first as? String { targets.insert(target) }
            }
        }
    }
}
