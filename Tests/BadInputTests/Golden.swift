import Foundation
import Testing

/// Text files beside these tests that say what was answered. `SWITCHBOARD_WRITE_SNAPSHOTS=1` rewrites them.
enum Golden {
    static func expect(_ lines: [String], _ file: String) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: file)
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        let (missing, added) = (kept.filter { !lines.contains($0) }, lines.filter { !kept.contains($0) })
        // Not the files themselves: they are long.
        let isSame = kept == lines
        #expect(isSame, "\(file): no longer \(missing.joined(separator: "\n")); now \(added.joined(separator: "\n"))")
    }
}
