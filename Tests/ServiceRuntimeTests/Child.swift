import Foundation
import Synchronization

/// The program runtime-sample, running.
final class Child: Sendable {
    struct Gone: Error {}

    let environment: [String: String]
    private let process: Mutex<Process>
    private let output = Collected()
    private let problems = Collected()
    private let ended = Ended()

    var errors: String { problems.text }

    init(_ arguments: [String], _ environment: [String: String]) throws {
        self.environment = environment
        let child = Process()
        child.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
            path: "runtime-sample")
        child.arguments = arguments
        child.environment = environment
        child.standardOutput = Self.pipe(to: output)
        child.standardError = Self.pipe(to: problems)
        let ended = ended
        child.terminationHandler = { ended.tell($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus) }
        try child.run()
        process = Mutex(child)
    }

    func signal(_ number: Int32) {
        let pid = process.withLock { $0.isRunning ? $0.processIdentifier : 0 }
        if pid > 0 { kill(pid, number) }
    }

    /// The exit status; negative for the signal that ended it.
    func exit() async -> Int32 { await ended.status() }

    func awaitOutput(_ text: String) async throws { try await wait(for: text, in: output) }
    func awaitErrors(_ text: String) async throws { try await wait(for: text, in: problems) }

    private func wait(for text: String, in collected: Collected) async throws {
        while !collected.text.contains(text) {
            if !process.withLock({ $0.isRunning }) { throw Gone() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func pipe(to collected: Collected) -> Pipe {
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { collected.add(data) }
        }
        return pipe
    }
}

private final class Collected: Sendable {
    private let bytes = Mutex(Data())
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
    func add(_ data: Data) { bytes.withLock { $0.append(data) } }
}

private final class Ended: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())

    func tell(_ status: Int32) {
        let waiting = state.withLock { state in
            state.status = status
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: status) }
    }

    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state -> Int32? in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }
}
