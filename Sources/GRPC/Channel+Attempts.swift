import HTTP2
import Protobuf

/// How calls are made: deadline, interceptors, a connection, and repetition.
extension Channel {
    nonisolated(nonsending) func unary(
        _ method: MethodDescriptor, framed: [UInt8], _ options: CallOptions
    ) async throws(RPCError) -> [UInt8] {
        let head = head(method, options)
        guard framed.count - MessageFrame.prefixBytes <= head.requestBytesMax(configuration) else {
            throw RPCError(code: .resourceExhausted, message: "the request is larger than the channel may send")
        }
        guard !interceptors.isEmpty else { return try await attempts(head, framed) }
        do {
            return try await intercepted(interceptors[...], head) { head in try await self.attempts(head, framed) }
        } catch {
            throw RPCError(thrown: error)
        }
    }

    nonisolated(nonsending) private func attempts(_ head: ClientCallHead, _ framed: [UInt8]) async throws(RPCError) -> [UInt8] {
        if let policy = head.hedging { return try await hedged(head, framed, policy) }
        return try await repeating(head) { connection, previous throws(RPCError) in
            try await UnaryClientCall(self.attempt(head, previous), connection).run(framed)
        }
    }

    /// Runs `body` on a streaming call that was opened, and cancels it where `body` leaves it open.
    func streaming<Result>(
        _ method: MethodDescriptor, _ options: CallOptions, _ body: (StreamingClientCall) async throws -> Result
    ) async throws -> Result {
        let head = head(method, options)
        var result: Result?
        try await intercepted(interceptors[...], head) { head in
            let call = StreamingClientCall(
                sendBufferBytesMax: configuration.http2.sendBufferBytesMax,
                replayBytesMax: configuration.retry.replayBytesMax, compression: head.options.compression)
            call.begin(attempt(head), try await connection(for: head))
            async let _: Void = repeatRefused(call, head)
            // Runs before that is waited for.
            defer { if call.result == nil { call.cancel() } }
            result = try await body(call)
        }
        guard let result else {
            throw RPCError(code: .internal, message: "an interceptor returned without making the call")
        }
        return result
    }

    /// Makes further attempts for as long as servers refuse the call without having seen it.
    private func repeatRefused(_ call: StreamingClientCall, _ head: ClientCallHead) async {
        var policy = Repetition(configuration.retry, retryBudget, .none)
        while let refusal = await call.refused() {
            do throws(RPCError) {
                guard let wait = policy.waitAfter(refusal) else { throw refusal }
                do { try await Task.sleep(for: wait) } catch { throw RPCError(thrown: error) }
                call.begin(attempt(head), try await connection(for: head))
            } catch {
                call.finish(.failure(error))
            }
        }
    }

    func intercepted<Result: Sendable>(
        _ rest: ArraySlice<any ClientInterceptor>, _ head: ClientCallHead,
        _ body: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        guard let first = rest.first else { return try await body(head) }
        return try await first.intercept(head) { try await intercepted(rest.dropFirst(), $0, body) }
    }

    nonisolated(nonsending) func connection(for head: ClientCallHead) async throws(RPCError) -> ClientConnection {
        if let deadline = head.options.deadline, deadline <= .now {
            throw RPCError(code: .deadlineExceeded, message: "the deadline passed before the call began")
        }
        let waits = head.options.waitForReady ?? head.configuration?.waitForReady ?? configuration.waitForReady
        return try await pool.pick(waits: waits, deadline: head.options.deadline)
    }

    /// The call as its caller and the method's configuration have it.
    func head(_ method: MethodDescriptor, _ options: CallOptions) -> ClientCallHead {
        var options = options.inheritingDeadline(configuration)
        let settings = configuration.service?.method(method)
        if let timeout = settings?.timeout {
            options.end(by: .now.advanced(by: min(timeout, GRPCTimeout.longest)))
        }
        return ClientCallHead(method: method, options: options, configuration: settings)
    }

    func attempt(_ head: ClientCallHead, _ previousAttempts: Int = 0) -> ClientCall.Head {
        ClientCall.Head(
            path: head.method.path, metadata: head.options.metadata, deadline: head.options.deadline,
            compression: head.options.compression, responseBytesMax: head.responseBytesMax(configuration),
            previousAttempts: previousAttempts,
            onInitialMetadata: head.options.onInitialMetadata,
            onTrailingMetadata: head.options.onTrailingMetadata)
    }

    /// Makes attempts until one succeeds or another would be wrong or useless.
    nonisolated(nonsending) func repeating<Result>(
        _ head: ClientCallHead,
        _ attempt: nonisolated(nonsending) (ClientConnection, _ previous: Int) async throws(RPCError) -> Result
    ) async throws(RPCError) -> Result {
        var policy = Repetition(configuration.retry, retryBudget, head.retryPolicy(configuration))
        while true {
            do throws(RPCError) {
                let result = try await attempt(try await connection(for: head), policy.previousAttempts)
                retryBudget.succeeded()
                return result
            } catch {
                guard !Task.isCancelled, let wait = policy.waitAfter(error) else { throw error }
                if let deadline = head.options.deadline, .now + wait >= deadline { throw error }
                do { try await Task.sleep(for: wait) } catch { throw RPCError(thrown: error) }
            }
        }
    }
}

extension CallOptions {
    /// The options with one deadline: the earliest of their own timeout and deadline, and of what the call being handled
    /// has left, less the margin that its own answer needs.
    func inheritingDeadline(_ configuration: ChannelConfiguration) -> CallOptions {
        var options = self
        if let timeout { options.end(by: .now.advanced(by: min(timeout, GRPCTimeout.longest))) }
        if let inherited = ServerContext.current?.deadline { options.end(by: inherited - configuration.deadlineMargin) }
        options.timeout = nil
        return options
    }

    /// Moves the deadline to `limit`, where it is not earlier already.
    fileprivate mutating func end(by limit: ContinuousClock.Instant) {
        if let deadline, deadline <= limit { return }
        deadline = limit
    }
}
