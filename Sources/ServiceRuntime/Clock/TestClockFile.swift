import Foundation
import WallTime

/// An instant in a file, as RFC 3339 text: the clock that processes under test share.
package struct TestClockFile: Sendable {
    package let path: String

    /// Opens the clock; a file that is not there is made, showing `start`.
    package init(path: String, start: Instant = .now) throws {
        self.path = path
        if !FileManager.default.fileExists(atPath: path) { try set(start) }
        _ = try read()
    }

    package var now: Instant {
        guard let instant = try? read() else { preconditionFailure("the test clock \(path) has gone") }
        return instant
    }

    /// Replaces the file, so that a reader sees the old instant or the new one.
    package func set(_ instant: Instant) throws {
        try Data(instant.rfc3339.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private func read() throws -> Instant {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        guard let instant = Instant(rfc3339: text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return instant
    }
}
