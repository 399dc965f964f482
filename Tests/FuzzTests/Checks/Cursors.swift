@testable import EventLog

/// Cursors that readers of an event log bring back.
enum Cursors {
    static func read(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        guard let cursor = Cursor(text) else { return false }
        precondition(cursor.description == text, "two texts are one cursor")
        return true
    }
}
