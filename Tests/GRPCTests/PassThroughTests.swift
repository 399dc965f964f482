import Testing

@testable import GRPC

/// A proxy of fifteen lines: every call goes on undecoded.
@Suite("Calls that pass through undecoded", .timeLimit(.minutes(1)))
struct PassThroughTests {
    private func proxied(
        _ routes: (inout Router) -> Void, _ body: (Channel) async throws -> Void
    ) async throws {
        try await Loopback.run(routes) { inner in
            let channel = inner.channel
            try await Loopback.run { router in
                router.fallback { requests, responses, context in
                    var options = CallOptions(metadata: context.metadata)
                    options.onInitialMetadata = { context.setInitialMetadata($0) }
                    options.onTrailingMetadata = { context.trailingMetadata = $0 }
                    try await channel.raw(context.method, options) { upstream, answers in
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask {
                                for try await request in requests { try await upstream.write(request) }
                                upstream.finish()
                            }
                            for try await answer in answers { try await responses.write(answer) }
                            group.cancelAll()
                        }
                    }
                }
            } _: { outer in
                try await body(outer.channel)
            }
        }
    }

    @Test("all four kinds pass, with metadata and trailers")
    func kinds() async throws {
        let seen = Received()
        try await proxied { router in
            router.unary(.unary) { (note: Note, context) in
                context.setInitialMetadata(["x-first": context.metadata["x-in"] ?? "-"])
                context.trailingMetadata = ["x-last": "1"]
                return note
            }
            router.serverStreaming(.server) { (note: Note, responses: ResponseWriter<Note>, _) in
                for _ in 0..<3 { try await responses.write(note) }
            }
            router.clientStreaming(.client) { (requests: RequestStream<Note>, _) in
                var count = 0
                for try await _ in requests { count += 1 }
                return Note("\(count)")
            }
            router.bidirectional(.both) { (requests: RequestStream<Note>, responses: ResponseWriter<Note>, _) in
                for try await note in requests { try await responses.write(note) }
            }
        } _: { channel in
            var options = CallOptions(metadata: ["x-in": "in"])
            options.onInitialMetadata = { seen.initial($0) }
            options.onTrailingMetadata = { seen.trailing($0) }
            let one: Note = try await channel.unary(.unary, Note("one"), options)
            #expect(one.text == "one")
            #expect(seen.initial == ["x-first": "in"])
            #expect(seen.trailing == ["x-last": "1"])

            var many = 0
            let stream: ResponseStream<Note> = channel.serverStreaming(.server, Note("n"))
            for try await _ in stream { many += 1 }
            #expect(many == 3)

            let sum: Note = try await channel.clientStreaming(.client) { (requests: RequestWriter<Note>) in
                for _ in 0..<4 { try await requests.write(Note("n")) }
            }
            #expect(sum.text == "4")

            let echo = try await channel.bidirectional(.both) {
                (requests: RequestWriter<Note>, responses: ResponseStream<Note>) in
                var iterator = responses.makeAsyncIterator()
                try await requests.write(Note("ping"))
                let first = try await iterator.next()
                requests.finish()
                #expect(try await iterator.next() == nil)
                return first
            }
            #expect(echo?.text == "ping")
        }
    }

    @Test("errors, deadlines and cancellation pass")
    func ends() async throws {
        let (started, cancelled) = (Signal(), Signal())
        try await proxied { router in
            router.unary(.unary) { (_: Note, _) -> Note in
                throw RPCError(code: .aborted, message: "raced", metadata: ["x-y": "z"])
            }
            router.unary(.read) { (note: Note, context) in
                #expect(context.deadline != nil || note.text == "cancel")
                await started.set()
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(60))
                } onCancel: {
                    Task { await cancelled.set() }
                }
                return note
            }
        } _: { channel in
            let error = await #expect(throws: RPCError.self) { let _: Note = try await channel.unary(.unary, Note("n")) }
            #expect(error?.code == .aborted)
            #expect(error?.message == "raced")
            #expect(error?.metadata["x-y"] == "z")
            #expect(
                await code { let _: Note = try await channel.unary(.read, Note("n"), CallOptions(timeout: .seconds(1))) }
                    == .deadlineExceeded)
            let task = Task { await code { let _: Note = try await channel.unary(.read, Note("cancel")) } }
            await started.wait()
            task.cancel()
            #expect(await task.value == .cancelled)
            await cancelled.wait()
        }
    }

    @Test("without a service of that name the path's own names reach the fallback")
    func names() async throws {
        try await Loopback.run { router in
            router.fallback { _, responses, context in
                try await responses.write(Array("\(context.method.service)|\(context.method.method)".utf8))
            }
        } _: { loopback in
            let answer: Note = try await loopback.channel.unary(.unary, Note("n"))
            #expect(answer.text == "test.Notes|Unary")
        }
    }
}
