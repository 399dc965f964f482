import Testing

@testable import GRPC

/// What is connected to, and which connection takes a call: the rules alone.
@Suite("Subchannels")
struct SubchannelsTests {
    private struct Connection: Loaded, Equatable {
        let name: String
        var openCalls = 0
    }

    private static let places = (1...3).map { ServerAddress(host: "10.0.0.\($0)", port: 1) }

    private func made(_ policy: LoadBalancing) -> Subchannels<Connection> { Subchannels(Self.places, policy) }

    /// Makes every connection that is wanted, named by its host's last figure.
    private func connectAll(_ subchannels: inout Subchannels<Connection>) {
        for attempt in subchannels.takeIdle() {
            let isReady = subchannels.ready(attempt.number, Connection(name: String(attempt.address.host.last ?? "?")))
            #expect(isReady)
        }
    }

    private func picks(_ count: Int, _ subchannels: inout Subchannels<Connection>) -> String {
        (0..<count).compactMap { _ in subchannels.pick()?.name }.joined()
    }

    @Test("round robin: every address is connected to, and each takes its turn")
    func roundRobin() {
        var subchannels = made(.roundRobin)
        #expect(subchannels.pick() == nil)
        connectAll(&subchannels)
        #expect(subchannels.takeIdle().isEmpty)
        #expect(picks(6, &subchannels) == "123123")
    }

    @Test("pick-first: the first address that can be reached, and no other one meanwhile")
    func pickFirst() throws {
        var subchannels = made(.pickFirst())
        let first = try #require(subchannels.takeIdle().first)
        #expect(first.address == Self.places[0])
        #expect(subchannels.takeIdle().isEmpty, "it is being tried")
        #expect(subchannels.ended(first.number, wasBrief: true) == .wait(attempt: first.number, failures: 0))
        let second = try #require(subchannels.takeIdle().first)
        #expect(second.address == Self.places[1])
        let isReady = subchannels.ready(second.number, Connection(name: "2"))
        #expect(isReady)
        subchannels.waited(first.number)
        #expect(subchannels.takeIdle().isEmpty, "one is enough")
        #expect(picks(3, &subchannels) == "222")
        #expect(subchannels.ended(second.number, wasBrief: false) == .idle)
        #expect(subchannels.takeIdle().first?.address == Self.places[0], "from the top of the list again")
    }

    @Test("least requests: of those drawn, the one with the fewest open calls")
    func leastRequests() {
        var subchannels = made(.leastRequests(choices: 100))
        for (attempt, calls) in zip(subchannels.takeIdle(), [5, 0, 7]) {
            let isReady = subchannels.ready(attempt.number, Connection(name: "\(calls)", openCalls: calls))
            #expect(isReady)
        }
        #expect(picks(10, &subchannels) == "0000000000")
    }

    @Test("a connection that is lost is made again at once; lost again soon after, it waits, longer each time")
    func briefConnections() throws {
        var subchannels = Subchannels<Connection>([Self.places[0]], .roundRobin)
        func lose(brief: Bool) throws -> Subchannels<Connection>.Aftermath {
            let attempt = try #require(subchannels.takeIdle().first)
            let isReady = subchannels.ready(attempt.number, Connection(name: "1"))
            #expect(isReady)
            let aftermath = subchannels.ended(attempt.number, wasBrief: brief)
            if case .wait = aftermath {
                #expect(subchannels.allFailed)
                #expect(subchannels.ended(attempt.number, wasBrief: brief) == .none, "the same end is told twice")
                subchannels.waited(attempt.number)
            }
            return aftermath
        }
        #expect(try lose(brief: false) == .idle)
        #expect(try lose(brief: true) == .idle)
        for failures in 1...3 {
            guard case .wait(_, failures) = try lose(brief: true) else {
                Issue.record("it does not wait")
                return
            }
        }
        #expect(try lose(brief: false) == .idle)
        #expect(try lose(brief: true) == .idle)
    }

    @Test("new addresses: what stays keeps its connection, what went gives it back, what came is connected to")
    func update() throws {
        var subchannels = made(.roundRobin)
        connectAll(&subchannels)
        let new = ServerAddress(host: "10.0.0.4", port: 1)
        let left = subchannels.update([Self.places[2], new, new])
        #expect(Set(left.map(\.name)) == ["1", "2"])
        #expect(picks(2, &subchannels) == "33")
        #expect(subchannels.takeIdle().map(\.address) == [new])
    }

    @Test("an attempt that comes late, for an address that went or after idleness, is of no consequence")
    func late() throws {
        var subchannels = made(.roundRobin)
        let attempts = subchannels.takeIdle()
        #expect(subchannels.becomeIdle().isEmpty)
        let isReady = subchannels.ready(attempts[0].number, Connection(name: "1"))
        #expect(!isReady)
        #expect(subchannels.ended(attempts[1].number, wasBrief: true) == .none)
        #expect(subchannels.takeIdle().count == 3)
    }
}
