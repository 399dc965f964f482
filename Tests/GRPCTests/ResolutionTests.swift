import NIOCore
import NIOPosix
import Testing
import Trials

@testable import GRPC

@Suite("Finding a server", .timeLimit(.minutes(1)))
struct ResolutionTests {
    private var quick: ChannelConfiguration {
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(20)
        configuration.backoff.max = .milliseconds(50)
        configuration.resolution.pause = .milliseconds(10)
        return configuration
    }

    private func name(_ channel: GRPC.Channel) async throws -> String {
        let note: Note = try await channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(30)))
        return note.text
    }

    @Test("a server that moved is found again once its connection fails")
    func moved() async throws {
        let first = try await Replica.start("first")
        let resolver = SetResolver([first.address])
        var configuration = quick
        configuration.resolution.interval = nil
        let channel = Channel(target: .resolved(resolver), configuration: configuration)
        #expect(try await name(channel) == "first")
        #expect(resolver.looks == 1)
        let second = try await Replica.start("second")
        resolver.set([second.address])
        await first.stop()
        try await eventually { (try? await name(channel)) == "second" }
        await channel.close()
        await second.stop()
    }

    @Test("replicas that come and go are seen at the interval; calls on those that went end first")
    func interval() async throws {
        let (started, go) = (Signal(), Signal())
        let old = try await Replica.start("old") { router in
            router.unary(.read) { (_: Note, _) in
                await started.set()
                await go.wait()
                return Note("old")
            }
        }
        let new = try await Replica.start("new")
        let resolver = SetResolver([old.address])
        var configuration = quick
        configuration.resolution.interval = .milliseconds(20)
        let channel = Channel(target: .resolved(resolver), configuration: configuration)
        async let long: Note = channel.unary(.read, Note("n"))
        await started.wait()
        resolver.set([new.address])
        try await eventually { try await name(channel) == "new" }
        #expect(old.server.connectionCount == 1, "a call is still there")
        await go.set()
        #expect(try await long.text == "old")
        try await eventually { old.server.connectionCount == 0 }
        await channel.close()
        for replica in [old, new] { await replica.stop() }
    }

    @Test("while nothing is found, calls that do not wait are UNAVAILABLE; the others are served once something is")
    func nothingFound() async throws {
        let resolver = SetResolver()
        let channel = Channel(target: .resolved(resolver), configuration: quick)
        let impatient = CallOptions(waitForReady: false)
        #expect(await code { let _: Note = try await channel.unary(.unary, Note("n"), impatient) } == .unavailable)
        async let patient = name(channel)
        let replica = try await Replica.start("late")
        resolver.set([replica.address])
        #expect(try await patient == "late")
        await channel.close()
        await replica.stop()
    }

    @Test("failures are answered by no more looks than one in each pause")
    func pause() async throws {
        let dead = try await Replica.start("dead")
        await dead.stop()
        let resolver = SetResolver([dead.address])
        var configuration = quick
        configuration.resolution.interval = nil
        configuration.resolution.pause = .seconds(600)
        let channel = Channel(target: .resolved(resolver), configuration: configuration)
        for _ in 0..<5 {
            let impatient = CallOptions(waitForReady: false)
            #expect(await code { let _: Note = try await channel.unary(.unary, Note("n"), impatient) } == .unavailable)
        }
        #expect(resolver.looks == 1)
        await channel.close()
    }

    @Test("DNS: a name of this machine; one that does not exist")
    func dns() async throws {
        let replica = try await Replica.start("local")
        let target = try #require(Target("dns:///localhost:\(replica.address.port)"))
        var configuration = quick
        configuration.loadBalancing = .pickFirst()
        let channel = Channel(target: target, configuration: configuration)
        #expect(try await name(channel) == "local")
        await channel.close()
        await replica.stop()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        await #expect(throws: HostLookupFailed.self) {
            try await DNSResolver(host: "name.invalid", port: 1).addresses(on: eventLoop).get()
        }
    }

    @Test("targets are read from text")
    func targets() {
        func addresses(_ text: String) -> [ServerAddress]? {
            guard case .addresses(let addresses) = Target(text) else { return nil }
            return addresses
        }
        #expect(addresses("ipv4:1.2.3.4:5,6.7.8.9:10")?.map(\.port) == [5, 10])
        #expect(addresses("ipv6:[::1]:5")?.map(\.host) == ["::1"])
        #expect(addresses("unix:a.sock")?.map(\.unixSocket) == ["a.sock"])
        #expect(addresses("unix:///run/a.sock")?.map(\.unixSocket) == ["/run/a.sock"])
        for text in ["dns:name:1", "dns:///name:1"] {
            guard case .resolved(let resolver) = Target(text) else {
                Issue.record("\(text) is not read")
                return
            }
            #expect((resolver as? DNSResolver)?.host == "name")
        }
        for text in ["", "name:1", "dns:name", "dns://server/name:1", "ipv4:", "ipv4:1.2.3.4", "unix:", "xds:///name"] {
            #expect(Target(text) == nil, "\(text)")
        }
    }

    @Test("a Unix socket, whose peer is called so")
    func unixSocket() async throws {
        let path = "/tmp/grpc-\(UInt32.random(in: 0 ... .max)).sock"
        var router = Router()
        router.unary(.unary) { (_: Note, context) in Note(context.peer) }
        var configuration = ServerConfiguration()
        configuration.unixSocket = path
        for _ in 1...2 {
            let server = Server(configuration: configuration, router: router)
            try await server.start()
            let channel = Channel(target: .addresses([ServerAddress(unixSocket: path)]), configuration: quick)
            #expect(try await name(channel) == "unix")
            await channel.close()
            await server.drain(within: .zero)
        }
    }
}
