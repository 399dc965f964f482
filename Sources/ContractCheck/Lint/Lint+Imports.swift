extension Lint {
    /// The rules on imports of one file.
    static func importFindings(_ file: Schema.File, in schema: Schema) -> [Finding] {
        var findings = file.publicImports.map {
            Finding("IMPORT_NO_PUBLIC", at: file.place, "imports \($0) publicly")
        }
        for path in file.imports {
            guard let imported = schema.files.first(where: { $0.path == path }) else {
                findings.append(Finding("COMPILE", at: file.place, "imports \(path), which the descriptor set does not hold"))
                continue
            }
            if !uses(file, imported) {
                findings.append(Finding("IMPORT_USED", at: file.place, "imports \(path) and uses nothing of it"))
            }
        }
        return findings
    }

    private static func uses(_ file: Schema.File, _ imported: Schema.File) -> Bool {
        let options = imported.extensions.map { "\($0.extendee)#\($0.field.number)" }
        return !file.usedNames.isDisjoint(with: imported.definedNames) || !file.optionsUsed.isDisjoint(with: options)
    }

    /// Packages import each other in one direction only.
    static func importCycleFindings(_ schema: Schema, _ ours: [Schema.File]) -> [Finding] {
        let packageOfFile = Dictionary(schema.files.map { ($0.path, $0.package) }) { first, _ in first }
        var imports: [String: Set<String>] = [:]
        for file in schema.files {
            let imported = file.imports.compactMap { packageOfFile[$0] }.filter { $0 != file.package }
            imports[file.package, default: []].formUnion(imported)
        }
        return ours.compactMap { file in
            let reached = reachable(from: imports[file.package] ?? [], along: imports)
            guard reached.contains(file.package) else { return nil }
            return Finding("PACKAGE_NO_IMPORT_CYCLE", at: file.place, "\(file.package) imports itself through other packages")
        }
    }

    private static func reachable(from start: Set<String>, along edges: [String: Set<String>]) -> Set<String> {
        var reached = start
        var frontier = Array(start)
        while let next = frontier.popLast() {
            for name in edges[next] ?? [] where reached.insert(name).inserted {
                frontier.append(name)
            }
        }
        return reached
    }
}
