/// Rules on who imports whom, read from the `import` lines: SwiftPM lets a target import what its neighbours depend on.
enum ImportRules {
    /// A target imports only what Package.swift says it depends on.
    static func undeclared(_ files: [SourceFile], _ graph: PackageGraph) -> [Violation] {
        let known = Set(graph.targets.map(\.name))
        return files.flatMap { file -> [Violation] in
            guard let target = graph.target(of: file.path) else { return [] }
            return file.imports.compactMap { name in
                let module = moduleNames(of: target.targets)
                guard known.contains(name) || known.contains(name.replacing("_", with: "-")), !module.contains(name),
                    name != target.name
                else { return nil }
                return Violation(file.path, "imports \(name), which \(target.name) does not depend on")
            }
        }
    }

    /// A service is known to its own program and its tests; the others know its contract.
    static func foreignServices(_ files: [SourceFile], services: Set<String>) -> [Violation] {
        files.flatMap { file in
            file.imports.filter(services.contains).compactMap { service in
                let own = ["Sources/\(service)/", "Sources/Programs/switchboard-\(service.lowercased())/", "Tests/"]
                if own.contains(where: file.path.hasPrefix) { return nil }
                return Violation(file.path, "imports the service \(service); its contract is \(service)V1")
            }
        }
    }

    private static func moduleNames(of targets: Set<String>) -> Set<String> {
        Set(targets.map { $0.replacing("-", with: "_") })
    }
}

/// A list of files that may do what others may not, with a reason for each: `Sources/A/B.swift  # why`.
struct Allowlist: Sendable {
    var name: String
    var entries: [String: String]

    init(name: String, text: String) {
        self.name = name
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        entries = Dictionary(
            lines.map { line in
                let parts = line.split(separator: "#", maxSplits: 1).map { $0.trimming(while: \.isWhitespace) }
                return (parts[0], parts.count > 1 ? parts[1] : "")
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Files that need a place on the list and have none, places that nobody needs, and places without a reason.
    func violations(needed: [String: String]) -> [Violation] {
        needed.filter { entries[$0.key] == nil }.map { Violation($0.key, "\($0.value), and is not on the list \(name)") }
            + entries.keys.filter { needed[$0] == nil }.map { Violation($0, "is on the list \(name) without need") }
            + entries.filter { $0.value.isEmpty }.map { Violation($0.key, "is on the list \(name) without a reason") }
    }
}

extension StringProtocol {
    fileprivate func trimming(while predicate: (Character) -> Bool) -> String {
        var rest = Substring(self).drop(while: predicate)
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return String(rest)
    }
}

enum UnsafeRules {
    /// Files that touch memory by hand, or ask the compiler not to check, with the first word that shows it.
    static func unsafeCode(_ files: [SourceFile]) -> [String: String] {
        let words = ["nsafe", "@unchecked", "Unmanaged", "OpaquePointer", "assumeIsolated", "exclusivity"]
        return found(files.filter { file in words.contains { file.text.contains($0) } }) { line in
            line.firstMatch(
                of: /(\w*Unsafe\w*|unsafe\w+|nonisolated\(unsafe\)|@unchecked|Unmanaged|OpaquePointer|assumeIsolated|exclusivity)/
                    .wordBoundaryKind(.simple)
            ).map {
                "uses \($0.output.0)"
            }
        }
    }

    /// Files that import a C library's module or the C code of a contract.
    static func systemImports(_ files: [SourceFile]) -> [String: String] {
        found(files) { line in
            guard line.contains("import ") else { return nil }
            return line.firstMatch(of: /^\s*(?:\w+\s+)*import\s+(C[A-Z]\w+|Glibc|Musl|Darwin)\b/.wordBoundaryKind(.simple))
                .flatMap {
                    ["Crypto", "Configuration", "Contacts", "Conversations", "ContactsV1", "ConversationsV1", "ContractCheck"]
                        .contains(String($0.output.1))
                        ? nil : "imports \($0.output.1)"
                }
        }
    }

    /// Files that force a value or an error away. Nothing on a request's path may end the process.
    static func forced(_ files: [SourceFile]) -> [String: String] {
        found(files) { line in
            guard line.contains("!") else { return nil }
            return line.firstMatch(of: /\b(try|as)!/.wordBoundaryKind(.simple)).map { "uses \($0.output.0)" }
        }
    }

    private static func found(_ files: [SourceFile], _ test: (String) -> String?) -> [String: String] {
        var result: [String: String] = [:]
        for file in files {
            for line in file.codeLines where result[file.path] == nil {
                result[file.path] = test(line.text)
            }
        }
        return result
    }
}
