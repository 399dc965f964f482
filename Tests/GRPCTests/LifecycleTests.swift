import HTTP2
import Synchronization
import Testing
import Trials

@testable import GRPC

@Suite("Deadlines, cancellation, flow control and the end of connections", .timeLimit(.minutes(1)))
struct LifecycleTests {
    @Test("the client's deadline ends the call and cancels the handler")
    func deadline() async throws {
        let cancelled = Signal()
        try await Loopback.run { router in
            router.unary(.read) { (note: Note, _) in note }
            router.unary(.unary) { (note: Note, context) in
                #expect(context.deadline != nil)
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(60))
                } onCancel: {
                    Task { await cancelled.set() }
                }
                return note
            }
        } _: { loopback in
            // The connection is there before the clock starts.
            let _: Note = try await loopback.channel.unary(.read, Note("n"))
            let answer = await code {
                let _: Note = try await loopback.channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(1)))
            }
            #expect(answer == .deadlineExceeded)
            await cancelled.wait()
        }
    }

    @Test("the server enforces the deadline although the client does not")
    func serverDeadline() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in
                try await Task.sleep(for: .seconds(60))
                return note
            }
        } _: { loopback in
            // The raw header says 50 ms; the channel itself knows of no deadline.
            let connection = try await loopback.channel.pool.pick(waits: true, deadline: nil)
            var metadata = Metadata()
            metadata.addUnchecked(name: "grpc-timeout", value: .ascii("50m"))
            let head = ClientCall.Head(
                path: MethodDescriptor.unary.path, metadata: metadata, deadline: nil, responseBytesMax: 100)
            let answer = await code { _ = try await UnaryClientCall(head, connection).run(MessageFrame.frame([1])) }
            #expect(answer == .deadlineExceeded)
        }
    }

    @Test("a malformed grpc-timeout is refused")
    func malformedTimeout() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in note }
        } _: { loopback in
            let connection = try await loopback.channel.pool.pick(waits: true, deadline: nil)
            for text in ["", "-1S", "999999999S"] {
                var metadata = Metadata()
                metadata.addUnchecked(name: "grpc-timeout", value: .ascii(text))
                let head = ClientCall.Head(
                    path: MethodDescriptor.unary.path, metadata: metadata, deadline: nil, responseBytesMax: 100)
                let answer = await code { _ = try await UnaryClientCall(head, connection).run(MessageFrame.frame([1])) }
                #expect(answer == .invalidArgument)
            }
        }
    }

    @Test("an outgoing call inherits the rest of the handler's deadline, less the margin")
    func propagation() async throws {
        try await Loopback.run { router in
            router.unary(.read) { (_: Note, context) in
                let rest = context.deadline.map { ContinuousClock.now.duration(to: $0) } ?? .zero
                return Note(rest > .zero && rest < .seconds(10) ? "inherited" : "\(rest)")
            }
        } _: { inner in
            let channel = inner.channel
            try await Loopback.run { router in
                router.unary(.unary) { (note: Note, _) -> Note in try await channel.unary(.read, note) }
            } _: { outer in
                let answer: Note = try await outer.channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(10)))
                #expect(answer.text == "inherited")
            }
        }
    }

    @Test("cancelling the caller's task cancels the handler")
    func cancellation() async throws {
        let (started, cancelled) = (Signal(), Signal())
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in
                await started.set()
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(60))
                } onCancel: {
                    Task { await cancelled.set() }
                }
                return note
            }
        } _: { loopback in
            let task = Task { await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } }
            await started.wait()
            task.cancel()
            #expect(await task.value == .cancelled)
            await cancelled.wait()
        }
    }

    @Test("leaving a stream of answers cancels the handler")
    func droppedStream() async throws {
        let cancelled = Signal()
        try await Loopback.run { router in
            router.serverStreaming(.server) { (note: Note, responses: ResponseWriter<Note>, _) in
                do {
                    while true { try await responses.write(note) }
                } catch {
                    await cancelled.set()
                    throw error
                }
            }
        } _: { loopback in
            do {
                let stream: ResponseStream<Note> = loopback.channel.serverStreaming(.server, Note("n"))
                for try await _ in stream { break }
            }
            await cancelled.wait()
        }
    }

    @Test("a request stream ends with CANCELLED when the client goes away")
    func requestStreamCancelled() async throws {
        let (started, ended) = (Signal(), Signal())
        try await Loopback.run { router in
            router.bidirectional(.both) { (requests: RequestStream<Note>, _: ResponseWriter<Note>, _) in
                await started.set()
                let answer = await code { for try await _ in requests {} }
                #expect(answer == .cancelled)
                await ended.set()
            }
        } _: { loopback in
            struct Enough: Error {}
            await #expect(throws: Enough.self) {
                try await loopback.channel.bidirectional(.both) { (_: RequestWriter<Note>, _: ResponseStream<Note>) in
                    await started.wait()
                    throw Enough()
                }
            }
            await ended.wait()
        }
    }

    @Test("a client that stops reading for 5 s makes the server's writer wait, within the named bounds")
    func serverBackpressure() async throws {
        let written = Tally()
        let size = 10_000
        var configuration = ServerConfiguration()
        configuration.http2.sendBufferBytesMax = 128 << 10
        var client = ChannelConfiguration()
        client.http2.streamWindowBytes = 256 << 10
        try await Loopback.run(configuration: configuration, client: client) { router in
            router.serverStreaming(.server) { (_: Note, responses: ResponseWriter<Note>, _) in
                for _ in 0..<2_000 {
                    try await responses.write(Note(bytes: [UInt8](repeating: 1, count: size)))
                    written.add(size + 5)
                }
            }
        } _: { loopback in
            let stream: ResponseStream<Note> = loopback.channel.serverStreaming(.server, Note("n"))
            var iterator = stream.makeAsyncIterator()
            _ = try await iterator.next()
            let held = try await settled(written, above: 256 << 10)
            try await Task.sleep(for: .seconds(5))
            #expect(written.value == held, "the writer waits for as long as nobody reads")
            // What the reader's window and the writer's buffer take, and one message on either side.
            #expect(held <= (256 << 10) + (128 << 10) + 3 * (size + 5))
            var count = 1
            while try await iterator.next() != nil { count += 1 }
            #expect(count == 2_000)
        }
    }

    @Test("a server that stops reading for 5 s makes the client's writer wait, within the named bounds")
    func clientBackpressure() async throws {
        let written = Tally()
        let go = Signal()
        let size = 10_000
        var configuration = ServerConfiguration()
        configuration.http2.streamWindowBytes = 256 << 10
        var client = ChannelConfiguration()
        client.http2.sendBufferBytesMax = 128 << 10
        try await Loopback.run(configuration: configuration, client: client) { router in
            router.clientStreaming(.client) { (requests: RequestStream<Note>, _) in
                var count = 0
                await go.wait()
                for try await _ in requests { count += 1 }
                return Note("\(count)")
            }
        } _: { loopback in
            async let answer: Note = loopback.channel.clientStreaming(.client) { (requests: RequestWriter<Note>) in
                for _ in 0..<2_000 {
                    try await requests.write(Note(bytes: [UInt8](repeating: 1, count: size)))
                    written.add(size + 5)
                }
            }
            let held = try await settled(written, above: 256 << 10)
            try await Task.sleep(for: .seconds(5))
            #expect(written.value == held, "the writer waits for as long as nobody reads")
            #expect(held <= (256 << 10) + (128 << 10) + 3 * (size + 5))
            await go.set()
            #expect(try await answer.text == "2000")
        }
    }

    @Test("a drained server lets running calls end and takes no new ones")
    func drain() async throws {
        let (started, go) = (Signal(), Signal())
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in
                await started.set()
                await go.wait()
                return note
            }
        } _: { loopback in
            async let answer: Note = loopback.channel.unary(.unary, Note("running"))
            await started.wait()
            async let drained: Void = loopback.server.drain(within: .seconds(30))
            try await eventually {
                await code {
                    let _: Note = try await loopback.channel.unary(
                        .unary, Note("new"), CallOptions(timeout: .milliseconds(50), waitForReady: false))
                } == .unavailable
            }
            await go.set()
            #expect(try await answer.text == "running")
            await drained
            #expect(loopback.server.connectionCount == 0)
        }
    }

    @Test("a stream without an end ends with UNAVAILABLE at the drain, at once; its client resumes at another server")
    func drainEndsEndlessStreams() async throws {
        let cancelled = Signal()
        @Sendable func endless(_ name: String, _ router: inout Router) {
            router.serverStreaming(.server) { (_: Note, responses: ResponseWriter<Note>, context) in
                context.endAtDrain()
                try await responses.write(Note(name))
                do {
                    try await Task.sleep(for: .seconds(60))
                } catch {
                    await cancelled.set()
                    throw error
                }
            }
        }
        try await Loopback.run {
            endless("first", &$0)
        } _: { first in
            try await Loopback.run {
                endless("second", &$0)
            } _: { second in
                let channel = Channel(addresses: [first, second].map { ServerAddress(host: "127.0.0.1", port: $0.port) })
                func open() async throws -> (ResponseStream<Note>.AsyncIterator, String) {
                    let stream: ResponseStream<Note> = channel.serverStreaming(
                        .server, Note("n"), CallOptions(waitForReady: true))
                    var iterator = stream.makeAsyncIterator()
                    let name = try await iterator.next()?.text ?? ""
                    return (iterator, name)
                }
                var (stream, name) = try await open()
                let start = ContinuousClock.now
                await (name == "first" ? first : second).server.drain(within: .seconds(30))
                #expect(ContinuousClock.now - start < .seconds(5))
                await cancelled.wait()
                let error = await #expect(throws: RPCError.self) { _ = try await stream.next() }
                #expect(error?.code == .unavailable)
                #expect(try await open().1 == (name == "first" ? "second" : "first"))
                await channel.close()
            }
        }
    }

    @Test("a stream that says late that it has no end ends when the server drains already")
    func endlessDuringDrain() async throws {
        let (started, go) = (Signal(), Signal())
        try await Loopback.run { router in
            router.serverStreaming(.server) { (note: Note, responses: ResponseWriter<Note>, context) in
                try await responses.write(note)
                await started.set()
                await go.wait()
                context.endAtDrain()
                try await Task.sleep(for: .seconds(60))
            }
        } _: { loopback in
            let stream: ResponseStream<Note> = loopback.channel.serverStreaming(.server, Note("n"))
            async let answer = code { for try await _ in stream {} }
            await started.wait()
            async let drained: Void = loopback.server.drain(within: .seconds(30))
            try await eventually {
                await code {
                    let _: Note = try await loopback.channel.unary(
                        .unary, Note("n"), CallOptions(timeout: .milliseconds(50), waitForReady: false))
                } == .unavailable
            }
            await go.set()
            #expect(await answer == .unavailable)
            await drained
        }
    }

    @Test("a drain that takes too long cuts the calls off")
    func drainCutsOff() async throws {
        let started = Signal()
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in
                await started.set()
                try await Task.sleep(for: .seconds(60))
                return note
            }
        } _: { loopback in
            async let answer = code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) }
            await started.wait()
            await loopback.server.drain(within: .milliseconds(50))
            #expect(await answer == .unavailable)
        }
    }

    @Test("a handler stays on its event loop across an await of the client")
    func staysOnEventLoop() async throws {
        try await Loopback.run { router in
            router.unary(.read) { (note: Note, _) in note }
        } _: { inner in
            let channel = inner.channel
            try await Loopback.run { router in
                router.unary(.unary) { (note: Note, _) -> Note in
                    let before = currentThread()
                    for _ in 0..<20 {
                        let _: Note = try await channel.unary(.read, note)
                        guard currentThread() == before else { return Note("moved") }
                    }
                    return Note("stayed")
                }
            } _: { outer in
                let answer: Note = try await outer.channel.unary(.unary, Note("n"))
                #expect(answer.text == "stayed")
            }
        }
    }
}

/// Bytes counted by a writer.
final class Tally: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock { $0 } }
    func add(_ count: Int) { state.withLock { $0 += count } }
}

/// The value once it has not moved for 300 ms, having passed `least`.
func settled(_ tally: Tally, above least: Int) async throws -> Int {
    try await eventually { tally.value >= least }
    var last = 0
    while true {
        try await Task.sleep(for: .milliseconds(300))
        let value = tally.value
        if value == last { return value }
        last = value
    }
}
