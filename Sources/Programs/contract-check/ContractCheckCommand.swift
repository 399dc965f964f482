import ArgumentParser
import ContractCheck
import Foundation

/// Judges a descriptor set of the contracts by buf's rules, and against the last release's.
@main
struct ContractCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract-check",
        abstract: "Judges the contracts by buf's STANDARD and COMMENTS rules, and by WIRE_JSON against a baseline.")

    @Argument(help: "A FileDescriptorSet with imports and source information.")
    var descriptorSet: String

    @Option(help: "The FileDescriptorSet of the last release.")
    var baseline: String?

    @Flag(help: "There has been a release: a break of compatibility is a failure.")
    var released = false

    @Option(help: "The folder below which the files are ours.")
    var ours = "switchboard/"

    func run() throws {
        let current = try load(descriptorSet)
        let lint = Lint.findings(in: current) { $0.hasPrefix(ours) }
        lint.forEach { print($0) }
        let breaks = try baseline.map {
            Compatibility.findings(baseline: try load($0), current: current) { $0.hasPrefix(ours) }
        }
        for finding in breaks ?? [] { print("\(released ? "" : "before the first release: ")\(finding)") }
        let judged = current.files.filter { $0.path.hasPrefix(ours) }
        print("\(judged.count) files: \(lint.count) lint findings, \(breaks.map { "\($0.count)" } ?? "no baseline for") breaks")
        guard !judged.isEmpty else { throw ValidationError("the descriptor set holds no file below \(ours)") }
        if !lint.isEmpty || (released && breaks?.isEmpty == false) { throw ExitCode.failure }
    }

    private func load(_ path: String) throws -> Schema {
        try Schema(descriptorSet: Array(Data(contentsOf: URL(filePath: path))))
    }
}
