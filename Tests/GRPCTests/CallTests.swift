import HTTP2
import Testing
import Trials

@testable import GRPC

@Suite("Calls over a socket", .timeLimit(.minutes(1)))
struct CallTests {
    @Test("a unary call answers, again and again, with messages of every size")
    func unary() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in note }
        } _: { loopback in
            for size in [0, 1, 85, 16_379, 16_384, 70_000, 3_000_000] {
                let note = Note(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
                let answer: Note = try await loopback.channel.unary(.unary, note)
                #expect(answer == note)
            }
        }
    }

    @Test("a server streams")
    func serverStreaming() async throws {
        try await Loopback.run { router in
            router.serverStreaming(.server) { (note: Note, responses: ResponseWriter<Note>, _) in
                for index in 0..<1_000 { try await responses.write(Note("\(note.text) \(index)")) }
            }
        } _: { loopback in
            var received: [String] = []
            let responses: ResponseStream<Note> = loopback.channel.serverStreaming(.server, Note("n"))
            for try await note in responses { received.append(note.text) }
            #expect(received == (0..<1_000).map { "n \($0)" })
        }
    }

    @Test("a client streams")
    func clientStreaming() async throws {
        try await Loopback.run { router in
            router.clientStreaming(.client) { (requests: RequestStream<Note>, _) in
                var texts: [String] = []
                for try await note in requests { texts.append(note.text) }
                return Note(texts.joined(separator: ","))
            }
        } _: { loopback in
            let answer: Note = try await loopback.channel.clientStreaming(.client) { (requests: RequestWriter<Note>) in
                for index in 0..<5 { try await requests.write(Note("\(index)")) }
            }
            #expect(answer.text == "0,1,2,3,4")
        }
    }

    @Test("both sides stream, in turns")
    func bidirectional() async throws {
        try await Loopback.run { router in
            router.bidirectional(.both) { (requests: RequestStream<Note>, responses: ResponseWriter<Note>, _) in
                for try await note in requests { try await responses.write(Note("re: \(note.text)")) }
            }
        } _: { loopback in
            let answers = try await loopback.channel.bidirectional(.both) {
                (requests: RequestWriter<Note>, responses: ResponseStream<Note>) in
                var answers: [String] = []
                var iterator = responses.makeAsyncIterator()
                for index in 0..<10 {
                    try await requests.write(Note("\(index)"))
                    if let answer = try await iterator.next() { answers.append(answer.text) }
                }
                requests.finish()
                #expect(try await iterator.next() == nil)
                return answers
            }
            #expect(answers == (0..<10).map { "re: \($0)" })
        }
    }

    @Test("metadata goes both ways, ASCII and binary, before and after the answer")
    func metadata() async throws {
        let seen = Received()
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, context) in
                var initial: Metadata = ["x-echo": context.metadata["x-in"] ?? "none"]
                initial.add(context.metadata.binaries("x-in-bin").first ?? [], for: "x-echo-bin")
                context.setInitialMetadata(initial)
                context.trailingMetadata = ["x-late": "yes"]
                return note
            }
        } _: { loopback in
            var options = CallOptions(metadata: ["x-in": "value"])
            options.metadata.add([0, 1, 255], for: "x-in-bin")
            options.onInitialMetadata = { seen.initial($0) }
            options.onTrailingMetadata = { seen.trailing($0) }
            let _: Note = try await loopback.channel.unary(.unary, Note("n"), options)
            #expect(seen.initial?["x-echo"] == "value")
            #expect(seen.initial?.binaries("x-echo-bin") == [[0, 1, 255]])
            #expect(seen.trailing == ["x-late": "yes"])
        }
    }

    @Test("heads that repeat and change on a connection are each read as they are")
    func headsInTurn() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (_: Note, context) in Note("unary \(context.metadata["x-name"] ?? "-")") }
            router.clientStreaming(.client) { (_: RequestStream<Note>, context) in
                Note("client \(context.metadata["x-name"] ?? "-")")
            }
        } _: { loopback in
            let channel = loopback.channel
            for name in [nil, nil, nil, "a", "a", "a", nil, "b", "a", nil, nil] as [String?] {
                var options = CallOptions()
                options.metadata["x-name"] = name
                for _ in 0..<3 {
                    let answer: Note = try await channel.unary(.unary, Note(), options)
                    #expect(answer.text == "unary \(name ?? "-")")
                }
                let answer: Note = try await channel.clientStreaming(.client, options) { (_: RequestWriter<Note>) in }
                #expect(answer.text == "client \(name ?? "-")")
                await #expect(throws: RPCError.self) {
                    let _: Note = try await channel.unary(.read, Note(), options)
                }
            }
        }
    }

    @Test("an error keeps code, message and trailing metadata")
    func errors() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (_: Note, context) -> Note in
                context.trailingMetadata = ["x-trace": "7"]
                throw RPCError(code: .failedPrecondition, message: "não: 100 %", metadata: ["x-why": "window closed"])
            }
            router.unary(.read) { (_: Note, _) -> Note in
                struct Inner: Error { let secret = "driver's words" }
                throw Inner()
            }
        } _: { loopback in
            let error = await #expect(throws: RPCError.self) {
                let _: Note = try await loopback.channel.unary(.unary, Note("n"))
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message == "não: 100 %")
            #expect(error?.metadata["x-why"] == "window closed")
            #expect(error?.metadata["x-trace"] == "7")
            let unknown = await #expect(throws: RPCError.self) {
                let _: Note = try await loopback.channel.unary(.read, Note("n"))
            }
            #expect(unknown?.code == .unknown)
            #expect(unknown?.message.contains("driver") == false)
        }
    }

    @Test("an unknown method is UNIMPLEMENTED, an undecodable message INTERNAL")
    func libraryErrors() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in note }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.read, Note("n")) } == .unimplemented)
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("malformed")) } == .internal)
        }
    }

    @Test("messages over either side's bound are RESOURCE_EXHAUSTED")
    func sizes() async throws {
        var configuration = ServerConfiguration()
        configuration.requestBytesMax = 1_000
        var client = ChannelConfiguration()
        client.responseBytesMax = 2_000
        try await Loopback.run(configuration: configuration, client: client) { router in
            router.unary(.unary) { (note: Note, _) in Note(bytes: note.bytes + note.bytes + note.bytes) }
        } _: { loopback in
            let channel = loopback.channel
            let answer: Note = try await channel.unary(.unary, Note(bytes: [UInt8](repeating: 1, count: 600)))
            #expect(answer.bytes.count == 1_800)
            #expect(
                await code { let _: Note = try await channel.unary(.unary, Note(bytes: [UInt8](repeating: 1, count: 700))) }
                    == .resourceExhausted)
            #expect(
                await code { let _: Note = try await channel.unary(.unary, Note(bytes: [UInt8](repeating: 1, count: 1_001))) }
                    == .resourceExhausted)
            let again: Note = try await channel.unary(.unary, Note("the connection lives"))
            #expect(again.bytes.count == 60)
        }
    }

    @Test("10 MB pass under raised limits")
    func tenMegabytes() async throws {
        var configuration = ServerConfiguration()
        configuration.requestBytesMax = 16 << 20
        var client = ChannelConfiguration()
        client.responseBytesMax = 16 << 20
        try await Loopback.run(configuration: configuration, client: client) { router in
            router.unary(.unary) { (note: Note, _) in note }
            router.bidirectional(.both) { (requests: RequestStream<Note>, responses: ResponseWriter<Note>, _) in
                for try await note in requests { try await responses.write(note) }
            }
        } _: { loopback in
            let note = Note(bytes: (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let answer: Note = try await loopback.channel.unary(.unary, note)
            #expect(answer == note)
            let streamed = try await loopback.channel.bidirectional(.both) {
                (requests: RequestWriter<Note>, responses: ResponseStream<Note>) in
                try await requests.write(note)
                requests.finish()
                return try await responses.first { _ in true }
            }
            #expect(streamed == note)
        }
    }

    @Test("1,000 calls are open at once on one connection")
    func thousandStreams() async throws {
        let gate = Signal()
        let started = Counter()
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in
                await started.add(1)
                await gate.wait()
                return note
            }
        } _: { loopback in
            try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<1_000 {
                    group.addTask {
                        let answer: Note = try await loopback.channel.unary(.unary, Note("\(index)"))
                        return answer.text
                    }
                }
                try await eventually { await started.value == 1_000 }
                #expect(loopback.server.connectionCount == 1)
                await gate.set()
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers.count == 1_000)
            }
        }
    }

    @Test("calls beyond the server's limit wait for their turn")
    func concurrencyLimit() async throws {
        var configuration = ServerConfiguration()
        configuration.http2.concurrentStreamsMax = 3
        let running = Counter()
        let most = Counter()
        try await Loopback.run(configuration: configuration) { router in
            router.unary(.unary) { (note: Note, _) in
                await most.max(await running.add(1))
                try await Task.sleep(for: .milliseconds(2))
                await running.add(-1)
                return note
            }
        } _: { loopback in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<50 {
                    group.addTask { let _: Note = try await loopback.channel.unary(.unary, Note("\(index)")) }
                }
                try await group.waitForAll()
            }
            #expect(await most.value <= 3)
        }
    }

    @Test("a method that takes one message refuses none and two")
    func cardinality() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in note }
            router.serverStreaming(.server) { (note: Note, responses: ResponseWriter<Note>, _) in try await responses.write(note)
            }
        } _: { loopback in
            for method in [MethodDescriptor.unary, .server] {
                for count in [0, 2] {
                    let answer = await code {
                        try await loopback.channel.raw(method) { requests, responses in
                            for _ in 0..<count { try await requests.write([1]) }
                            requests.finish()
                            for try await _ in responses {}
                        }
                    }
                    #expect(answer == .unimplemented)
                }
            }
        }
    }

    @Test("interceptors wrap calls on both sides, the first one outermost")
    func interceptors() async throws {
        let log = Log()
        try await Loopback.run(
            interceptors: [Tracing("a", log), Tracing("b", log)], clientInterceptors: [Stamping("x-one"), Stamping("x-two")]
        ) { router in
            router.unary(.unary) { (_: Note, context) in
                Note(
                    [context.metadata["x-one"], context.metadata["x-two"], context[Tracing.Key.self]].map { $0 ?? "-" }.joined())
            }
            router.serverStreaming(.server) { (_: Note, responses: ResponseWriter<Note>, context) in
                try await responses.write(Note(context.metadata["x-two"] ?? "-"))
            }
        } _: { loopback in
            let answer: Note = try await loopback.channel.unary(.unary, Note("n"))
            #expect(answer.text == "11b")
            #expect(await log.lines == ["a in", "b in", "b out", "a out"])
            let stream: ResponseStream<Note> = loopback.channel.serverStreaming(.server, Note("n"))
            #expect(try await stream.first { _ in true }?.text == "1")
        }
    }

    @Test("an interceptor that refuses keeps the handler from running")
    func refusingInterceptor() async throws {
        struct Refusing: ServerInterceptor {
            func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
                throw RPCError(code: .unauthenticated, message: "who are you?")
            }
        }
        try await Loopback.run(interceptors: [Refusing()]) { router in
            router.unary(.unary) { (note: Note, _) in
                Issue.record("the handler ran")
                return note
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .unauthenticated)
        }
    }
}

/// The code with which the call fails; nil when it does not.
func code(_ call: () async throws -> Void) async -> StatusCode? {
    do {
        try await call()
        return nil
    } catch let error as RPCError {
        return error.code
    } catch {
        Issue.record(error)
        return nil
    }
}
