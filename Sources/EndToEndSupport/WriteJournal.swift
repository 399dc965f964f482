import Dispatch
import Foundation
import Synchronization

/// The nth write of one sequential sender.
package struct Write: Sendable, Hashable {
    package let sender: Int
    package let number: Int

    package init(sender: Int, number: Int) {
        self.sender = sender
        self.number = number
    }

    /// Stands in what is written, so that it is found again.
    package var label: String { "\(sender)/\(number)" }

    package init?(label: some StringProtocol) {
        let parts = label.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        self.init(sender: parts[0], number: parts[1])
    }
}

/// What clients meant to write and what they were told: the other side of the audit. The line of an intent is on disk before
/// its call is made, and the line of a result before anybody counts on it. Lines that come while the disk is busy share the
/// next fsync.
package final class WriteJournal: Sendable {
    private struct Pending {
        var lines = Data()
        var writers: [CheckedContinuation<Void, any Error>] = []
    }

    private let path: String
    private let file: FileHandle
    private let pending = Mutex(Pending())
    private let disk = DispatchQueue(label: "write journal")

    package init(path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw ChildProcessError("cannot write \(path)") }
        file = try FileHandle(forWritingTo: URL(filePath: path))
    }

    package func intend(_ write: Write) async throws { try await append("intended \(write.label)\n") }
    package func acknowledge(_ write: Write) async throws { try await append("acknowledged \(write.label)\n") }

    private func append(_ line: String) async throws {
        try await withCheckedThrowingContinuation { writer in
            pending.withLock { pending in
                pending.lines.append(contentsOf: line.utf8)
                pending.writers.append(writer)
            }
            disk.async { self.flush() }
        }
    }

    private func flush() {
        let batch = pending.withLock { pending in
            defer { pending = Pending() }
            return pending
        }
        guard !batch.writers.isEmpty else { return }
        let result = Result {
            try file.write(contentsOf: batch.lines)
            try file.synchronize()
        }
        for writer in batch.writers { writer.resume(with: result) }
    }

    /// What the file says.
    package func read() throws -> (intended: Set<Write>, acknowledged: Set<Write>) {
        var (intended, acknowledged): (Set<Write>, Set<Write>) = ([], [])
        for line in try readFile(path).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let write = Write(label: words[1]) else {
                throw ChildProcessError("the journal has a line \(line)")
            }
            if words[0] == "intended" { intended.insert(write) } else { acknowledged.insert(write) }
        }
        return (intended, acknowledged)
    }
}
