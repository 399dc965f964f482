import NIOPosix
import Synchronization
import Testing
import Trials

@testable import GRPC

@Suite("A channel and its connections", .timeLimit(.minutes(1)))
struct ChannelTests {
    private func server(_ name: String, port: Int = 0) async throws -> (Server, ServerAddress) {
        var router = Router()
        router.unary(.unary) { (_: Note, _) in Note(name) }
        router.unary(.read) { (_: Note, _) in Note(name) }
        var configuration = ServerConfiguration()
        configuration.port = port
        let server = Server(configuration: configuration, router: router)
        let address = try await server.start()
        return (server, ServerAddress(host: "127.0.0.1", port: address.port ?? 0))
    }

    private var quick: ChannelConfiguration {
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(20)
        configuration.backoff.max = .milliseconds(50)
        configuration.retry.wait = .milliseconds(5)
        return configuration
    }

    @Test("calls go round robin over the replicas")
    func roundRobin() async throws {
        var servers: [(Server, ServerAddress)] = []
        for name in ["a", "b", "c"] { servers.append(try await server(name)) }
        let channel = Channel(addresses: servers.map(\.1), configuration: quick)
        try await eventually {
            var seen: Set<String> = []
            for _ in 0..<3 {
                if let note = try? await channel.unary(.unary, Note("n")) as Note { seen.insert(note.text) }
            }
            return seen.count == 3
        }
        var counts: [String: Int] = [:]
        for _ in 0..<30 {
            let note: Note = try await channel.unary(.unary, Note("n"))
            counts[note.text, default: 0] += 1
        }
        #expect(counts == ["a": 10, "b": 10, "c": 10])
        await channel.close()
        for (server, _) in servers { await server.drain(within: .zero) }
    }

    @Test("of the replicas that are listed, a dead one takes no calls, and takes its share when it is there")
    func oneReplicaIsDead() async throws {
        let (alive, aliveAddress) = try await server("alive")
        let (dead, deadAddress) = try await server("dead")
        await dead.drain(within: .zero)
        let channel = Channel(addresses: [deadAddress, aliveAddress], configuration: quick)
        for _ in 0..<30 {
            let note: Note = try await channel.unary(.unary, Note("n"))
            #expect(note.text == "alive")
        }
        let (back, _) = try await server("back", port: deadAddress.port)
        try await eventually {
            let note = try? await channel.unary(.unary, Note("n")) as Note
            return note?.text == "back"
        }
        await channel.close()
        for server in [alive, back] { await server.drain(within: .zero) }
    }

    @Test("a call waits for a server that is not there yet")
    func waitsForReady() async throws {
        let (first, address) = try await server("first")
        await first.drain(within: .zero)
        let channel = Channel(addresses: [address], configuration: quick)
        #expect(
            await code {
                let _: Note = try await channel.unary(.unary, Note("n"), CallOptions(waitForReady: false))
            } == .unavailable)
        #expect(
            await code {
                let _: Note = try await channel.unary(.unary, Note("n"), CallOptions(timeout: .milliseconds(100)))
            } == .deadlineExceeded)
        async let answer: Note = channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(30)))
        let (second, _) = try await server("second", port: address.port)
        #expect(try await answer.text == "second")
        await channel.close()
        await second.drain(within: .zero)
    }

    @Test("a channel reconnects after its server was replaced, and no call fails that may be repeated")
    func reconnects() async throws {
        var (current, address) = try await server("0")
        let channel = Channel(addresses: [address], configuration: quick)
        for round in 1...5 {
            let before: Note = try await channel.unary(.read, Note("n"))
            #expect(before.text == "\(round - 1)")
            await current.drain(within: .zero)
            (current, _) = try await server("\(round)", port: address.port)
        }
        let last: Note = try await channel.unary(.read, Note("n"))
        #expect(last.text == "5")
        await channel.close()
        await current.drain(within: .zero)
    }

    @Test("a lost connection is UNAVAILABLE")
    func connectionLost() async throws {
        let started = Signal()
        try await Loopback.run(client: quick) { router in
            router.unary(.unary) { (note: Note, _) in
                await started.set()
                try await Task.sleep(for: .seconds(60))
                return note
            }
        } _: { loopback in
            async let answer = code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) }
            await started.wait()
            let connection = try await loopback.channel.pool.pick(waits: true, deadline: nil)
            connection.close()
            #expect(await answer == .unavailable)
        }
    }

    @Test(
        "UNAVAILABLE is repeated where the method allows it, and only there",
        arguments: [
            (MethodDescriptor.note("Plain", .unary), 1), (.note("Read", .unary, idempotency: .noSideEffects), 3),
            (.note("Create", .unary, carriesRequestID: true), 3),
        ])
    func retries(method: MethodDescriptor, attempts: Int) async throws {
        let calls = Counter()
        try await Loopback.run(client: quick) { router in
            router.unary(method) { (note: Note, _) in
                guard await calls.add(1) >= 3 else { throw RPCError(code: .unavailable, message: "not now") }
                return note
            }
        } _: { loopback in
            let answer = await code { let _: Note = try await loopback.channel.unary(method, Note("n")) }
            #expect(answer == (attempts == 1 ? .unavailable : nil))
            #expect(await calls.value == attempts)
        }
    }

    @Test("repetition ends with the attempts that are allowed, and does not touch other codes")
    func retriesEnd() async throws {
        let calls = Counter()
        try await Loopback.run(client: quick) { router in
            router.unary(.read) { (note: Note, _) -> Note in
                await calls.add(1)
                throw RPCError(code: note.text == "busy" ? .unavailable : .aborted, message: "no")
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.read, Note("busy")) } == .unavailable)
            #expect(await calls.value == 4)
            #expect(await code { let _: Note = try await loopback.channel.unary(.read, Note("lost")) } == .aborted)
            #expect(await calls.value == 5)
        }
    }

    @Test("a connection that has come of age is replaced, and no call fails")
    func connectionAge() async throws {
        var configuration = ServerConfiguration()
        configuration.connectionAgeMax = .milliseconds(300)
        try await Loopback.run(configuration: configuration, client: quick) { router in
            router.unary(.unary) { (_: Note, context) in Note(context.peer) }
        } _: { loopback in
            var peers: Set<String> = []
            while peers.count < 2 {
                let note: Note = try await loopback.channel.unary(.unary, Note("n"))
                peers.insert(note.text)
            }
        }
    }

    @Test("the calls of a connection that has come of age have its grace to end in, and no more")
    func connectionAgeGrace() async throws {
        var configuration = ServerConfiguration()
        configuration.connectionAgeMax = .milliseconds(100)
        configuration.connectionAgeGrace = .milliseconds(100)
        try await Loopback.run(configuration: configuration, client: quick) { router in
            router.unary(.unary) { (note: Note, _) in
                try await Task.sleep(for: .seconds(600))
                return note
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .unavailable)
        }
    }

    @Test("a closed channel refuses calls")
    func closed() async throws {
        try await Loopback.run { router in
            router.unary(.unary) { (note: Note, _) in note }
        } _: { loopback in
            let _: Note = try await loopback.channel.unary(.unary, Note("n"))
            await loopback.channel.close()
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .unavailable)
        }
    }

    @Test("the backoff grows by 1.6 up to its bound, with jitter of a fifth")
    func backoff() {
        let backoff = ChannelConfiguration.Backoff()
        for (failures, seconds) in [(0, 1.0), (1, 1.6), (2, 2.56), (5, 10.49), (20, 120), (1_000, 120)] {
            let wait = backoff.wait(failures: failures)
            #expect(wait >= .seconds(seconds * 0.79) && wait <= .seconds(seconds * 1.21))
        }
    }

    @Test("addresses are read from text")
    func addresses() {
        #expect(ServerAddress("127.0.0.1:9001") == ServerAddress(host: "127.0.0.1", port: 9_001))
        #expect(ServerAddress("[::1]:80") == ServerAddress(host: "::1", port: 80))
        for text in ["", "host", "host:", ":80", "host:99999", "host:x", "host:+80", "[]:80", "[[::1]]:80", "a]:80"] {
            #expect(ServerAddress(text) == nil, "\(text)")
        }
    }
}
