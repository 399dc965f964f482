/// What the README says of services and packages, held against the code.
enum ReadmeRules {
    struct Row: Hashable {
        var service: String
        var port: Int
        var calls: Set<String>
        var watches: Set<String>
    }

    /// The rows of the table under "## Services": `| contacts | 9001 | 9101 | owns | calls | watches |`.
    static func rows(in readme: String) -> [Row] {
        guard let start = readme.range(of: "## Services") else { return [] }
        let section = readme[start.upperBound...].split(separator: "\n## ", maxSplits: 1).first ?? ""
        return section.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("|") else { return nil }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map(words)
            guard cells.count == 6, let service = cells[0].first, let port = cells[1].compactMap({ Int($0) }).first else {
                return nil
            }
            return Row(service: service, port: port, calls: Set(cells[4]), watches: Set(cells[5]))
        }
    }

    /// Every service of the package has a row that names the services whose contracts it sees, and no row is left over.
    static func violations(_ readme: String, _ graph: PackageGraph, services: Set<String>) -> [Violation] {
        let rows = rows(in: readme)
        var violations: [Violation] = []
        for service in services.sorted() {
            guard let row = rows.first(where: { $0.service == service.lowercased() }) else {
                violations.append(Violation("README.md", "the table of services has no row for \(service.lowercased())"))
                continue
            }
            let seen = Set(
                services.filter { $0 != service && graph[service]?.targets.contains("\($0)V1") == true }.map { $0.lowercased() })
            let said = row.calls.union(row.watches).intersection(services.map { $0.lowercased() })
            if said != seen {
                violations.append(
                    Violation("README.md", "\(row.service) is said to see \(said.sorted()), and sees \(seen.sorted())"))
            }
        }
        let names = Set(services.map { $0.lowercased() })
        return violations
            + rows.filter { !names.contains($0.service) }.map { Violation("README.md", "there is no service \($0.service)") }
    }

    /// Every package that the build fetches has its line, with a reason, in the README.
    static func missingPackages(_ readme: String, _ graph: PackageGraph) -> [Violation] {
        graph.packages.keys.sorted().filter { !readme.contains($0) }.map {
            Violation("README.md", "does not say why \($0) is used")
        }
    }

    private static func words(_ cell: Substring) -> [String] {
        cell.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init)
    }
}
