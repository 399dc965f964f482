import NIOPosix
import Testing
import Trials

@testable import GRPC

@Suite("Policies over sockets", .timeLimit(.minutes(1)))
struct LoadBalancingTests {
    private func channel(_ policy: LoadBalancing, _ replicas: [Replica]) -> GRPC.Channel {
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(20)
        configuration.backoff.max = .milliseconds(50)
        configuration.loadBalancing = policy
        return Channel(addresses: replicas.map(\.address), configuration: configuration)
    }

    private func name(_ channel: GRPC.Channel) async throws -> String {
        let note: Note = try await channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(30)))
        return note.text
    }

    @Test("pick-first: one connection for all calls; when it is lost, the next address that can be reached")
    func pickFirst() async throws {
        let (first, second) = (try await Replica.start("first"), try await Replica.start("second"))
        let channel = channel(.pickFirst(), [first, second])
        for _ in 0..<10 { #expect(try await name(channel) == "first") }
        #expect(second.server.connectionCount == 0)
        await first.stop()
        try await eventually { (try? await name(channel)) == "second" }
        let again = try await Replica.start("first", port: first.address.port)
        for _ in 0..<10 { #expect(try await name(channel) == "second") }
        await channel.close()
        for replica in [second, again] { await replica.stop() }
    }

    @Test("least requests: a replica that is busy is spared")
    func leastRequests() async throws {
        let (started, go) = (Counter(), Signal())
        var replicas: [Replica] = []
        for name in ["a", "b"] {
            replicas.append(
                try await Replica.start(name) { router in
                    router.unary(.read) { (_: Note, _) in
                        await started.add(1)
                        await go.wait()
                        return Note(name)
                    }
                })
        }
        let channel = channel(.leastRequests(choices: 20), replicas)
        _ = try await name(channel)
        try await eventually { channel.pool.state.withLock { $0.subchannels.connections.count } == 2 }
        async let long: Note = channel.unary(.read, Note("n"))
        try await eventually { await started.value == 1 }
        var names: Set<String> = []
        for _ in 0..<20 { names.insert(try await name(channel)) }
        await go.set()
        let busy = try await long.text
        #expect(names == Set(["a", "b"]).subtracting([busy]))
        #expect(channel.pool.state.withLock { $0.open.values.allSatisfy { $0.openCalls == 0 } }, "every call was counted out")
        await channel.close()
        for replica in replicas { await replica.stop() }
    }

    @Test("a service configuration's policy comes before the channel's")
    func configured() async throws {
        let replicas = [try await Replica.start("a"), try await Replica.start("b")]
        var configuration = ChannelConfiguration()
        configuration.service = try ServiceConfiguration(json: #"{"loadBalancingConfig": [{"pick_first": {}}]}"#)
        let channel = Channel(addresses: replicas.map(\.address), configuration: configuration)
        for _ in 0..<10 { #expect(try await name(channel) == "a") }
        await channel.close()
        for replica in replicas { await replica.stop() }
    }

    @Test("a channel without calls lets go of its connections, and has them again at the next call")
    func idle() async throws {
        let replica = try await Replica.start("a")
        var configuration = ChannelConfiguration()
        configuration.idleTimeout = .milliseconds(100)
        let channel = Channel(addresses: [replica.address], configuration: configuration)
        for _ in 1...2 {
            #expect(try await name(channel) == "a")
            try await eventually { replica.server.connectionCount == 0 }
        }
        await channel.close()
        await replica.stop()
    }

    @Test("a channel with a long call is not idle")
    func busy() async throws {
        let (started, go) = (Signal(), Signal())
        let replica = try await Replica.start("a") { router in
            router.unary(.read) { (note: Note, _) in
                await started.set()
                await go.wait()
                return note
            }
        }
        var configuration = ChannelConfiguration()
        configuration.idleTimeout = .milliseconds(20)
        let channel = Channel(addresses: [replica.address], configuration: configuration)
        async let answer: Note = channel.unary(.read, Note("n"))
        await started.wait()
        // Several timeouts go by, on the clock that they are counted by.
        try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(200)) {}.futureResult.get()
        #expect(replica.server.connectionCount == 1)
        await go.set()
        #expect(try await answer.text == "n")
        await channel.close()
        await replica.stop()
    }
}
