import Foundation
internal import Postgres
import Synchronization

/// What statements the services under test send, by schema. `./dev release` keeps those of the release in Tests/Released; from
/// then on each must prepare on the schema as later migrations leave it, because the release's processes run beside the next
/// one's (P5).
final class StatementCensus: Sendable {
    static let shared = StatementCensus()

    private let seen = Mutex<[String: Set<StatementText>]>([:])

    /// Where SWITCHBOARD_STATEMENTS names a folder, a file for each schema is written there when the process ends.
    private init() {
        guard Self.folder != nil else { return }
        atexit { StatementCensus.shared.write() }
    }

    private static var folder: String? { ProcessInfo.processInfo.environment["SWITCHBOARD_STATEMENTS"] }

    func note(_ statement: StatementText, of schema: String) {
        seen.withLock { _ = $0[schema, default: []].insert(statement) }
    }

    private func write() {
        for (schema, statements) in seen.withLock({ $0 }) {
            let file = URL(filePath: Self.folder ?? ".").appending(path: "\(schema).sql")
            do {
                try Data(Self.text(of: statements).utf8).write(to: file)
            } catch {
                print("cannot write \(file.path): \(error)")
            }
        }
    }
}

// MARK: - As a file

extension StatementCensus {
    private static let head = "-- parameters:"

    /// Each statement behind a line with the object ids of its parameters' types.
    static func text(of statements: some Collection<StatementText>) -> String {
        statements.map { statement in
            ([head] + statement.types.map { "\($0.rawValue)" }).joined(separator: " ") + "\n\(statement.text)\n"
        }.sorted().joined(separator: "\n")
    }

    static func statements(in text: String) -> [StatementText] {
        var statements: [StatementText] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(head) {
                let types = line.dropFirst(head.count).split(separator: " ").compactMap {
                    UInt32($0).map(PostgresType.init(rawValue:))
                }
                statements.append(StatementText(text: "", types: types))
            } else if !statements.isEmpty {
                statements[statements.count - 1].text += line + "\n"
            }
        }
        return statements
    }
}

extension TestDatabase {
    /// What the release before this tree sent, and this schema does not bear: each with what the server says. Empty where
    /// nothing was released yet.
    package func brokenStatements(of schema: String) async throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Tests/Released/\(schema).sql")
        guard let text = try? String(contentsOf: file.standardized, encoding: .utf8) else { return [] }
        return try await brokenStatements(in: text, of: schema).map {
            "processes of the last release still send this, so contract in the release after the next: \($0)"
        }
    }

    /// - Parameter text: as a file of Tests/Released has it.
    package func brokenStatements(in text: String, of schema: String) async throws -> [String] {
        try await Administration.unpreparable(StatementCensus.statements(in: text), url: runtimeURL(of: schema)).map {
            "\($0.error): \($0.statement.text)"
        }
    }

    /// What was sent to a schema of the test's own since the process began, as a file of Tests/Released has it.
    package func statements(of schema: String) -> String {
        StatementCensus.text(of: StatementCensus.shared.statements(of: schema))
    }
}

extension StatementCensus {
    fileprivate func statements(of schema: String) -> Set<StatementText> { seen.withLock { $0[schema] ?? [] } }
}
