import HTTP2
import Protobuf

/// How calls are made: deadline, interceptors, a connection, and repetition.
extension Channel {
    func unary(
        _ method: MethodDescriptor, framed: [UInt8], _ options: CallOptions
    ) async throws(RPCError) -> [UInt8] {
        let head = ClientCallHead(method: method, options: options.inheritingDeadline(configuration))
        guard framed.count - MessageFrame.prefixBytes <= configuration.requestBytesMax else {
            throw RPCError(code: .resourceExhausted, message: "the request is larger than the channel may send")
        }
        guard !interceptors.isEmpty else { return try await attempts(head, framed) }
        do {
            return try await intercepted(interceptors[...], head) { head in try await self.attempts(head, framed) }
        } catch {
            throw RPCError(thrown: error)
        }
    }

    private func attempts(_ head: ClientCallHead, _ framed: [UInt8]) async throws(RPCError) -> [UInt8] {
        try await repeating(head) { connection throws(RPCError) in
            try await UnaryClientCall(self.attempt(head), connection).run(framed)
        }
    }

    /// Runs `body` on a streaming call that was opened, and cancels it where `body` leaves it open.
    func streaming<Result>(
        _ method: MethodDescriptor, _ options: CallOptions, _ body: (StreamingClientCall) async throws -> Result
    ) async throws -> Result {
        let head = ClientCallHead(method: method, options: options.inheritingDeadline(configuration))
        var result: Result?
        try await intercepted(interceptors[...], head) { head in
            let call = StreamingClientCall(
                attempt(head), try await connection(for: head), sendBufferBytesMax: configuration.http2.sendBufferBytesMax)
            call.open()
            defer { if call.result == nil { call.cancel() } }
            result = try await body(call)
        }
        guard let result else {
            throw RPCError(code: .internal, message: "an interceptor returned without making the call")
        }
        return result
    }

    func intercepted<Result: Sendable>(
        _ rest: ArraySlice<any ClientInterceptor>, _ head: ClientCallHead,
        _ body: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        guard let first = rest.first else { return try await body(head) }
        return try await first.intercept(head) { try await intercepted(rest.dropFirst(), $0, body) }
    }

    func connection(for head: ClientCallHead) async throws(RPCError) -> ClientConnection {
        if let deadline = head.options.deadline, deadline <= .now {
            throw RPCError(code: .deadlineExceeded, message: "the deadline passed before the call began")
        }
        return try await pool.pick(
            waits: head.options.waitForReady ?? configuration.waitForReady, deadline: head.options.deadline)
    }

    func attempt(_ head: ClientCallHead) -> ClientCall.Head {
        ClientCall.Head(
            path: head.method.path, metadata: head.options.metadata, deadline: head.options.deadline,
            responseBytesMax: configuration.responseBytesMax, onInitialMetadata: head.options.onInitialMetadata,
            onTrailingMetadata: head.options.onTrailingMetadata)
    }

    /// Makes attempts until one succeeds or another would be wrong or useless.
    func repeating<Result>(
        _ head: ClientCallHead, _ attempt: (ClientConnection) async throws(RPCError) -> Result
    ) async throws(RPCError) -> Result {
        var policy = Repetition(configuration.retry, mayBeRepeated: head.method.mayBeRepeated)
        while true {
            do throws(RPCError) {
                return try await attempt(try await connection(for: head))
            } catch {
                guard !Task.isCancelled, let wait = policy.waitAfter(error) else { throw error }
                if let deadline = head.options.deadline, .now + wait >= deadline { throw error }
                do { try await Task.sleep(for: wait) } catch { throw RPCError(thrown: error) }
            }
        }
    }
}

/// When a failed call is sent again. Source: gRPC retry design (A6), with full jitter.
struct Repetition {
    private let retry: ChannelConfiguration.Retry
    private let mayBeRepeated: Bool
    private var attempts = 1
    private var unseen = 0

    /// How often a call is sent again that no server has seen: as good as always, but not for ever.
    private static let unseenMax = 32

    init(_ retry: ChannelConfiguration.Retry, mayBeRepeated: Bool) {
        self.retry = retry
        self.mayBeRepeated = mayBeRepeated
    }

    /// The wait before the next attempt; nil when there shall be none. A call that the server certainly never saw is
    /// safe to send again whatever its method is; any other one only where the method allows it.
    mutating func waitAfter(_ error: RPCError) -> Duration? {
        if error.neverProcessed {
            guard unseen < Self.unseenMax, retry.attemptsMax > 1 else { return nil }
            defer { unseen += 1 }
            return unseen == 0 ? .zero : min(retry.wait, retry.waitMax) * Double.random(in: 0...1)
        }
        guard error.code == .unavailable, mayBeRepeated, attempts < retry.attemptsMax else { return nil }
        defer { attempts += 1 }
        var limit = retry.wait
        for _ in 1..<attempts where limit < retry.waitMax { limit *= 2 }
        return min(limit, retry.waitMax) * Double.random(in: 0...1)
    }
}

extension CallOptions {
    /// The options with one deadline: the earliest of their own timeout and deadline, and of what the call being handled
    /// has left, less the margin that its own answer needs.
    func inheritingDeadline(_ configuration: ChannelConfiguration) -> CallOptions {
        var options = self
        let inherited = ServerContext.current?.deadline.map { $0.advanced(by: .zero - configuration.deadlineMargin) }
        let own = timeout.map { ContinuousClock.Instant.now.advanced(by: min($0, GRPCTimeout.longest)) }
        options.deadline = [deadline, own, inherited].compactMap { $0 }.min()
        options.timeout = nil
        return options
    }
}
