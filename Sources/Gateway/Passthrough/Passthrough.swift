import GRPC

/// The gRPC listener's answer to every method: the call goes on to the service that has it, undecoded. Metadata, trailers,
/// cancellation and deadlines go through; whom it lets in has been decided by the interceptors before.
struct Passthrough: Sendable {
    /// By the proto package's prefix, such as `switchboard.contacts.`.
    let backends: [(prefix: String, channel: Channel)]
    /// Methods, by path, whose streams have no end of their own.
    let endless: Set<String>

    /// `services` are those of the backends: their streams called Watch go on for ever.
    init(backends: [(prefix: String, channel: Channel)], services: [ServiceDescriptor]) {
        self.backends = backends
        endless = Set(
            services.flatMap(\.methods).filter { $0.kind == .serverStreaming && $0.method == "Watch" }.map(\.path))
    }

    /// Metadata of the client's that is sent on: what belongs to one hop stays behind.
    static let dropped: Set<String> = ["switchboard-tenant-id", "te", "host", "connection"]

    @Sendable func relay(
        _ requests: RequestStream<[UInt8]>, _ responses: ResponseWriter<[UInt8]>, _ context: ServerContext
    ) async throws {
        guard let backend = backends.first(where: { context.method.service.hasPrefix($0.prefix) }) else {
            throw RPCError(code: .unimplemented, message: "no service has \(context.method.path)")
        }
        if endless.contains(context.method.path) { context.endAtDrain() }
        try await backend.channel.raw(context.method, options(context)) { writer, answers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await request in requests { try await writer.write(request) }
                    writer.finish()
                }
                for try await answer in answers { try await responses.write(answer) }
                group.cancelAll()
            }
        }
    }

    private func options(_ context: ServerContext) -> CallOptions {
        var metadata = Metadata()
        for entry in context.metadata.entries where !Self.dropped.contains(entry.name) {
            switch entry.value {
            case .ascii(let text): metadata.add(text, for: entry.name)
            case .binary(let bytes): metadata.add(bytes, for: entry.name)
            }
        }
        return CallOptions(
            deadline: context.deadline,
            metadata: metadata,
            onInitialMetadata: { context.setInitialMetadata($0) },
            onTrailingMetadata: { context.trailingMetadata = $0 }
        )
    }
}
