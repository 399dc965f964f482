/// One place that breaks a rule, as a test's failure shows it.
struct Violation: Sendable, Hashable, CustomStringConvertible {
    var path: String
    var line: Int?
    var message: String

    init(_ path: String, line: Int? = nil, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(message)" }
}

extension [Violation] {
    var text: String { map(\.description).joined(separator: "\n") }
}
