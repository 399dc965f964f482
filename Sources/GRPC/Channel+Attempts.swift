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
        var policy = Repetition(configuration.retry, retryBudget, mayBeRepeated: false)
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
            compression: head.options.compression, responseBytesMax: configuration.responseBytesMax,
            onInitialMetadata: head.options.onInitialMetadata,
            onTrailingMetadata: head.options.onTrailingMetadata)
    }

    /// Makes attempts until one succeeds or another would be wrong or useless.
    func repeating<Result>(
        _ head: ClientCallHead, _ attempt: (ClientConnection) async throws(RPCError) -> Result
    ) async throws(RPCError) -> Result {
        var policy = Repetition(configuration.retry, retryBudget, mayBeRepeated: head.method.mayBeRepeated)
        while true {
            do throws(RPCError) {
                let result = try await attempt(try await connection(for: head))
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
        let inherited = ServerContext.current?.deadline.map { $0.advanced(by: .zero - configuration.deadlineMargin) }
        let own = timeout.map { ContinuousClock.Instant.now.advanced(by: min($0, GRPCTimeout.longest)) }
        options.deadline = [deadline, own, inherited].compactMap { $0 }.min()
        options.timeout = nil
        return options
    }
}
