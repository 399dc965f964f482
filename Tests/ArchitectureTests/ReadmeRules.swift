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

    /// The stack that `./dev up` starts (`.dev/services.txt`) has the services and the ports of the table, and each service is
    /// given the addresses of those it calls or watches, no other.
    static func stackViolations(_ readme: String, stack: String) -> [Violation] {
        let started = stack.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let cells = line.split(separator: " ").map(String.init)
            return [cells[0], cells[1], cells[4].split(separator: ",").filter { $0 != "-" }.sorted().joined(separator: ",")]
                .joined(separator: " ")
        }
        let said = rows(in: readme).map { row in
            [row.service, "\(row.port)", row.calls.union(row.watches).subtracting(["-"]).sorted().joined(separator: ",")]
                .joined(separator: " ")
        }
        return Set(started).symmetricDifference(said).sorted().map {
            Violation(".dev/services.txt", "and the README's table of services differ in: \($0)")
        }
    }

    /// Every package that the build fetches has its line, with a reason, in the README.
    static func missingPackages(_ readme: String, _ graph: PackageGraph) -> [Violation] {
        graph.packages.keys.sorted().filter { !readme.contains($0) }.map {
            Violation("README.md", "does not say why \($0) is used")
        }
    }

    /// Every metric that the code records has its line in the README, and no line is left over.
    static func metrics(_ readme: String, _ sources: [SourceFile]) -> [Violation] {
        let section = readme.split(separator: "\n## ").first { $0.hasPrefix("Metrics") } ?? ""
        let documented = Set(
            section.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
                row.split(separator: "|")[0].matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
            })
        var recorded: [String: String] = [:]
        for file in sources where file.text.utf8.contains(UInt8(ascii: "(")) && file.text.contains("(label: \"") {
            for match in file.text.matches(of: /(?:Counter|Timer|Gauge|Recorder|Meter)\(label: "([a-z_]+)"/) {
                recorded[String(match.output.1)] = file.path
            }
        }
        return recorded.filter { !documented.contains($0.key) }.map {
            Violation($0.value, "records \($0.key), of which the README does not tell")
        }
            + documented.subtracting(recorded.keys).map {
                Violation("README.md", "tells of the metric \($0), which nobody records")
            }
    }

    /// What Package.swift says of one service in its own words: `service("Contacts", watches: ["Conversations"])`.
    static func calls(of service: String, in manifest: String) -> (calls: Set<String>, watches: Set<String>)? {
        let pattern = /service\("(?<name>\w+)"(?:, calls: \[(?<calls>[^\]]*)\])?(?:, watches: \[(?<watches>[^\]]*)\])?/
        guard let match = manifest.matches(of: pattern).first(where: { $0.name == service }) else { return nil }
        func names(_ list: Substring?) -> Set<String> {
            Set((list ?? "").split { !$0.isLetter }.map { $0.lowercased() })
        }
        return (names(match.calls), names(match.watches))
    }

    /// A row's calls and watches are those of Package.swift, each in its own column.
    static func columns(_ readme: String, manifest: String) -> [Violation] {
        rows(in: readme).compactMap { row in
            guard let said = calls(of: row.service.prefix(1).uppercased() + row.service.dropFirst(), in: manifest) else {
                return nil
            }
            let (calls, watches) = (row.calls.filter { $0 != "-" }, row.watches.filter { $0 != "-" })
            if calls == said.calls, watches == said.watches { return nil }
            return Violation(
                "README.md", "\(row.service) calls \(said.calls.sorted()) and watches \(said.watches.sorted()) in Package.swift")
        }
    }

    private static func words(_ cell: Substring) -> [String] {
        cell.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init)
    }
}
