import Synchronization

@testable import GRPC

/// Metadata that a call's options reported.
final class Received: Sendable {
    private let state = Mutex<(initial: Metadata?, trailing: Metadata?)>((nil, nil))

    var initial: Metadata? { state.withLock { $0.initial } }
    var trailing: Metadata? { state.withLock { $0.trailing } }

    func initial(_ metadata: Metadata) { state.withLock { $0.initial = metadata } }
    func trailing(_ metadata: Metadata) { state.withLock { $0.trailing = metadata } }
}

actor Counter {
    private(set) var value = 0

    @discardableResult
    func add(_ count: Int) -> Int {
        value += count
        return value
    }

    func max(_ other: Int) { value = Swift.max(value, other) }
}

actor Log {
    private(set) var lines: [String] = []
    func add(_ line: String) { lines.append(line) }
}

/// Notes when a call enters and leaves, and its name in the context.
struct Tracing: ServerInterceptor {
    enum Key: ServerContextKey { typealias Value = String }

    private let name: String
    private let log: Log

    init(_ name: String, _ log: Log) {
        self.name = name
        self.log = log
    }

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        await log.add("\(name) in")
        context[Key.self] = name
        try await next()
        await log.add("\(name) out")
    }
}

/// Adds a pair of metadata to each call.
struct Stamping: ClientInterceptor {
    private let name: String

    init(_ name: String) { self.name = name }

    func intercept<Result: Sendable>(
        _ head: ClientCallHead, next: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        var head = head
        head.options.metadata.add("1", for: name)
        return try await next(head)
    }
}
