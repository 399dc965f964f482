import Configuration
import Foundation
import GRPC

/// Reads a process's variables and notes every problem, so that an operator learns all of them at once.
///
/// Each function reads `SWITCHBOARD_<name>`. Where a value is missing or wrong it notes that and answers with a stand-in;
/// the program then ends before anything starts.
package struct ConfigurationReader {
    package static let prefix = "SWITCHBOARD_"

    /// A variable as `--help` shows it.
    package struct Variable: Sendable, Hashable {
        package var name: String
        /// What holds when it is not set; "required" where there is no default.
        package var fallback: String
        package var meaning: String
    }

    package private(set) var variables: [Variable] = []
    package private(set) var problems: [String] = []
    private let environment: [String: String]
    private let reader: ConfigReader

    package init(environment: [String: String]) {
        // An empty value is what a compose file makes of a variable nobody set.
        self.environment = environment.filter { $0.key.hasPrefix(Self.prefix) && !$0.value.isEmpty }
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: self.environment))
    }

    /// Variables with our prefix that nobody asked for: misspelt, or of another release.
    package var unknownVariables: [String] {
        let known = Set(variables.map(\.name))
        return environment.keys.filter { !known.contains($0) }.sorted()
    }

    /// Whether the variable stands in the environment.
    func isSet(_ name: String) -> Bool { environment[Self.prefix + name] != nil }

    /// Adds a problem that only the caller can see. Say what to do about it.
    package mutating func problem(_ name: String, _ message: String) {
        problems.append("\(Self.prefix)\(name): \(message)")
    }

    // MARK: - Kinds of values

    package mutating func optionalString(_ name: String, _ meaning: String) -> String? {
        declare(name, "not set", meaning)
        return value(name)
    }

    package mutating func string(_ name: String, default fallback: String, _ meaning: String) -> String {
        declare(name, fallback, meaning)
        return value(name) ?? fallback
    }

    package mutating func requiredString(_ name: String, _ meaning: String) -> String {
        declare(name, "required", meaning)
        if let value = value(name) { return value }
        problem(name, "is required: \(meaning)")
        return ""
    }

    package mutating func integer(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String
    ) -> Int {
        declare(name, "\(fallback)", "\(meaning) (\(range.lowerBound) to \(range.upperBound))")
        guard let text = value(name) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            problem(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return number
    }

    package mutating func bool(_ name: String, default fallback: Bool, _ meaning: String) -> Bool {
        declare(name, "\(fallback)", meaning)
        guard let text = value(name) else { return fallback }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default:
            problem(name, "must be true or false")
            return fallback
        }
    }

    /// A time as in "500ms", "30s", "10m", "24h" or "400d".
    package mutating func duration(
        _ name: String, default fallback: Duration, in range: ClosedRange<Duration>, _ meaning: String
    ) -> Duration {
        declare(name, fallback.short, "\(meaning) (\(range.lowerBound.short) to \(range.upperBound.short))")
        guard let text = value(name) else { return fallback }
        guard let duration = Duration(short: text), range.contains(duration) else {
            problem(name, "must be a time from \(range.lowerBound.short) to \(range.upperBound.short), such as 30s or 10m")
            return fallback
        }
        return duration
    }

    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, default fallback: Choice, _ meaning: String
    ) -> Choice {
        let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        declare(name, fallback.rawValue, "\(meaning): \(all)")
        guard let text = value(name) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            problem(name, "must be one of \(all)")
            return fallback
        }
        return choice
    }

    /// `host:port`.
    package mutating func address(_ name: String, default fallback: ServerAddress, _ meaning: String) -> ServerAddress {
        declare(name, "\(fallback.host):\(fallback.port)", meaning)
        guard let text = value(name) else { return fallback }
        guard let address = ServerAddress(text) else {
            problem(name, "must be host:port, such as 127.0.0.1:9000")
            return fallback
        }
        return address
    }

    /// `host:port,host:port`.
    package mutating func addresses(_ name: String, default fallback: [ServerAddress], _ meaning: String) -> [ServerAddress] {
        declare(name, fallback.map { "\($0.host):\($0.port)" }.joined(separator: ","), meaning)
        guard let text = value(name) else { return fallback }
        let parts = text.split(separator: ",").map { ServerAddress($0.trimmingCharacters(in: .whitespaces)) }
        guard !parts.isEmpty, !parts.contains(nil) else {
            problem(name, "must be addresses host:port, separated by commas")
            return fallback
        }
        return parts.compactMap(\.self)
    }

    /// A secret, from the variable or from the file that `<name>_FILE` names.
    package mutating func secret(_ name: String, required: Bool = false, _ meaning: String) -> Secret? {
        declare(name, required ? "required" : "not set", meaning)
        declare("\(name)_FILE", "not set", "file that holds \(Self.prefix)\(name)")
        let direct = value(name)
        let path = value("\(name)_FILE")
        if direct != nil, path != nil { problem(name, "is set directly and as a file: leave one of them out") }
        if let direct { return Secret(direct) }
        guard let path else {
            if required { problem(name, "is required (or \(Self.prefix)\(name)_FILE): \(meaning)") }
            return nil
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problem("\(name)_FILE", "names a file that cannot be read: \(path)")
            return nil
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if trimmed.isEmpty { problem("\(name)_FILE", "names an empty file: \(path)") }
        return Secret(trimmed)
    }

    // MARK: -

    private mutating func declare(_ name: String, _ fallback: String, _ meaning: String) {
        variables.append(Variable(name: Self.prefix + name, fallback: fallback, meaning: meaning))
    }

    private func value(_ name: String) -> String? {
        reader.string(forKey: ConfigKey((Self.prefix + name).lowercased().split(separator: "_").map(String.init)))
    }
}
