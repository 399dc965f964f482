import Foundation
import Testing
import WallTime

@testable import Conversations

@Suite("C48, guarantee 13: the whole table of what may be sent")
struct CanSendTableTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "can-send.golden")

    /// `SWITCHBOARD_WRITE_SNAPSHOTS=1` rewrites the file.
    @Test(
        "C48, S31-S33, S49: channel x state x time x sender x kind answers as the golden file says, at acceptance and at hand-over"
    )
    func C48_everyCell() throws {
        let lines = CanSendTable().lines
        if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == kept.count)
        for (line, kept) in zip(lines, kept) where line != kept { Issue.record("\(line)\nwas \(kept)") }
    }

    @Test("C48: nothing goes at hand-over that a closed window forbids, whatever happened to its conversation")
    func C48_handoverKeepsTheWindow() {
        for line in CanSendTable().lines where !line.contains("inside") && !line.contains("+7d") {
            guard ["whatsapp", "facebook", "instagram"].contains(where: line.hasPrefix) else { continue }
            let sent = line.split(separator: ": ")[1].split(separator: "; ").filter {
                $0.hasPrefix("yes") || $0.contains("then yes")
            }
            #expect(sent.allSatisfy { $0.hasSuffix(" template") }, "\(line)")
        }
    }
}
