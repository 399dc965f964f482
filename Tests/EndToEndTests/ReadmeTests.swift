import EndToEndSupport
import Foundation
import Testing

/// What the README says of programs, held against the programs.
@Suite("The README is true of the programs", .serialized)
struct ReadmeTests {
    private static let services = ["contacts", "conversations", "routing", "templates", "gateway"]
    private static let readme =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "README.md")

    @Test("the table of variables names what each program reads, no more and no less")
    func variables() async throws {
        try await Platform.with { platform in
            let documented = try Self.documentedVariables()
            var read: [String: Set<String>] = [:]
            for service in Self.services {
                let serve = try await platform.run("switchboard-\(service)", ["serve", "--help"])
                let migrate = try await platform.run("switchboard-\(service)", ["migrate", "--help"])
                read[service] = Self.variables(in: serve).union(Self.variables(in: migrate))
                // A secret `X` may also be a file `X_FILE`: said once, above the table.
                read[service] = read[service]?.filter { !$0.hasSuffix("_FILE") || $0 == "SWITCHBOARD_DIRECTORY_FILE" }
            }
            for service in Self.services {
                let said = Set(documented.filter { $0.value.contains(service) || $0.value == ["all"] }.map(\.key))
                #expect(read[service]?.subtracting(said) == [], "\(service) reads what the README does not say")
                #expect(said.subtracting(read[service] ?? []) == [], "\(service) does not read what the README says")
            }
            let bootstrap = try await platform.run("switchboard", ["bootstrap", "--help"])
            for (name, readers) in documented where readers == ["switchboard"] && !name.contains("PASSWORD") {
                #expect(Self.variables(in: bootstrap).contains(name), "\(name)")
            }
        }
    }

    @Test("the table of services tells each one's ports")
    func ports() async throws {
        try await Platform.with { platform in
            let readme = try String(contentsOf: Self.readme, encoding: .utf8)
            for service in Self.services {
                let help = try await platform.run("switchboard-\(service)", ["serve", "--help"])
                let ports = try ["GRPC", "ADMIN"].map { listener in
                    let line = try #require(help.split(separator: "\n").first { $0.contains("SWITCHBOARD_\(listener)_LISTEN [") })
                    return try #require(line.split(separator: ":").last?.dropLast())
                }
                let row = try #require(readme.split(separator: "\n").first { $0.hasPrefix("| \(service) |") })
                let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                #expect(cells[1].hasPrefix(ports[0]) && cells[2] == ports[1], "\(row)")
            }
        }
    }

    /// The rows of the table under "## Configuration": variable or variables, and who reads it.
    private static func documentedVariables() throws -> [String: Set<String>] {
        let readme = try String(contentsOf: readme, encoding: .utf8)
        let section = try #require(
            readme.components(separatedBy: "\n## Configuration").last?.components(separatedBy: "\n## ").first)
        var rows: [String: Set<String>] = [:]
        for line in section.split(separator: "\n") where line.hasPrefix("| `SWITCHBOARD_") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            for name in variables(in: cells[0]) {
                let isOfCallee = name.hasSuffix("_ADDRESSES") || name.hasSuffix("_IDENTITY")
                let callee = isOfCallee ? name.split(separator: "_").dropFirst().first?.lowercased() : nil
                let readers = try callee.map { callee in try services.filter { try peers(of: $0).contains(callee) } }
                rows[name] = Set(readers ?? cells[2].components(separatedBy: ", "))
            }
        }
        return rows
    }

    /// The services that one calls or watches: the last two columns of the table under "## Services".
    private static func peers(of service: String) throws -> [String] {
        let readme = try String(contentsOf: readme, encoding: .utf8)
        let row = try #require(readme.split(separator: "\n").first { $0.hasPrefix("| \(service) |") })
        return row.split(separator: "|").suffix(2).flatMap { $0.split { !$0.isLetter }.map(String.init) }
    }

    private static func variables(in text: String) -> Set<String> {
        Set(text.matches(of: /SWITCHBOARD_[A-Z_]+[A-Z]/).map { String($0.output) })
    }
}
