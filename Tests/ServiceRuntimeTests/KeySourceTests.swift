import Crypto
import Hummingbird
import Logging
import Synchronization
import PostgresTesting
import Testing

@testable import ServiceRuntime

/// Keys read over HTTP from an issuer that changes, fails and goes away.
@Suite("Issuers' keys")
struct KeySourceTests {
    private let first = P256.Signing.PrivateKey()
    private let second = P256.Signing.PrivateKey()

    private func document(_ keys: (String, P256.Signing.PrivateKey)...) throws -> String {
        String(decoding: try TokenBench.jwks(keys.map { TokenBench.ecJWK($0.1.publicKey, kid: $0.0) }), as: UTF8.self)
    }

    @Test(
        "keys are read once and kept; a rotated key is found, by one fetch in a minute however many ask", .timeLimit(.minutes(1)))
    func rotation() async throws {
        try await FakeIssuer.serving(try document(("1", first))) { issuer in
            let clock = SteppedClock()
            let source = KeySource(location: issuer.url, logger: .quiet, now: { clock.now })
            for _ in 0..<3 { _ = try await source.key("1") }
            #expect(issuer.fetches == 1)

            issuer.answers(try document(("2", second)))
            for unknown in 0..<20 {
                await #expect(throws: TokenRefusal.unknownKey) { try await source.key("no \(unknown)") }
            }
            #expect(issuer.fetches == 1)
            clock.advance(by: .seconds(59))
            await #expect(throws: TokenRefusal.unknownKey) { try await source.key("2") }
            clock.advance(by: .seconds(1))
            _ = try await source.key("2")
            // Withdrawn by the issuer: no token of it is taken any more.
            await #expect(throws: TokenRefusal.unknownKey) { try await source.key("1") }
            #expect(issuer.fetches == 2)

            // A known key is looked at again every five minutes.
            clock.advance(by: .seconds(299))
            _ = try await source.key("2")
            #expect(issuer.fetches == 2)
            clock.advance(by: .seconds(1))
            _ = try await source.key("2")
            #expect(issuer.fetches == 3)
        }
    }

    @Test(
        "the last good keys are kept while the issuer fails, in whatever way",
        .timeLimit(.minutes(1)), arguments: [nil, "", "no JSON", "{}", #"{"keys": []}"#, String(repeating: " ", count: 2 << 20)])
    func failingIssuer(answer: String?) async throws {
        try await FakeIssuer.serving(try document(("1", first))) { issuer in
            let clock = SteppedClock()
            let source = KeySource(location: issuer.url, logger: .quiet, now: { clock.now })
            _ = try await source.key("1")
            issuer.answers(answer)
            for _ in 0..<3 {
                clock.advance(by: .seconds(300))
                _ = try await source.key("1")
            }
            await #expect(throws: TokenRefusal.unknownKey) { try await source.key("2") }
            #expect(issuer.fetches == 4)
            issuer.answers(try document(("1", first), ("2", second)))
            clock.advance(by: .seconds(60))
            _ = try await source.key("2")
        }
    }

    @Test(
        "without an issuer at the start, tokens are refused at once, and taken a second after it is there",
        .timeLimit(.minutes(1)))
    func absentIssuer() async throws {
        let clock = SteppedClock()
        try await FakeIssuer.serving(nil) { issuer in
            let source = KeySource(location: issuer.url, logger: .quiet, now: { clock.now })
            for _ in 0..<10 {
                await #expect(throws: TokenRefusal.keysUnavailable) { try await source.key("1") }
            }
            #expect(issuer.fetches == 1)
            issuer.answers(try document(("1", first)))
            clock.advance(by: .seconds(1))
            _ = try await source.key("1")
        }
        let gone = KeySource(location: "http://127.0.0.1:\(try FreePort.next())/", logger: .quiet)
        await #expect(throws: TokenRefusal.keysUnavailable) { try await gone.key("1") }
    }

    @Test("a hundred callers at once make one fetch; one who is cancelled leaves it to the next", .timeLimit(.minutes(1)))
    func oneFetchAtATime() async throws {
        let document = Array(try document(("1", first)).utf8)
        let (begun, open) = (Flag(), Flag())
        let fetches = Atomic(0)
        let source = KeySource(logger: .quiet) {
            fetches.add(1, ordering: .relaxed)
            begun.raise()
            while !open.isRaised { try await Task.sleep(for: .milliseconds(2)) }
            return document
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let cancelled = Task { try await source.key("1") }
            while !begun.isRaised { await Task.yield() }
            for _ in 0..<100 { group.addTask { _ = try await source.key("1") } }
            cancelled.cancel()
            await #expect(throws: TokenRefusal.keysUnavailable) { try await cancelled.value }
            open.raise()
            try await group.waitForAll()
        }
        #expect(fetches.load(ordering: .relaxed) == 2)
    }

    @Test("over HTTP too: a forged RS512 token first, then an honest RS256 one passes", .timeLimit(.minutes(1)))
    func forgedAlgorithmFirst() async throws {
        let bench = try TokenBench()
        let jwks = String(decoding: try TokenBench.jwks([TokenBench.rsaJWK(bench.rsa, kid: "rsa")]), as: UTF8.self)
        try await FakeIssuer.serving(jwks) { issuer in
            let verifier = TokenVerifier(
                service: "contacts", audience: "switchboard",
                persons: [
                    "https://issuer": .init(
                        keys: KeySource(location: issuer.url, logger: .quiet), audience: "switchboard", kinds: [.agent])
                ], services: nil, offload: OffloadPool(threads: 1), now: { TokenBench.now })
            let forged = try await bench.sign(bench.claims(), .rs512, kid: "rsa")
            await #expect(throws: TokenRefusal.algorithm) { try await verifier.verify(forged) }
            let honest = try await bench.sign(bench.claims(), .rs256, kid: "rsa")
            _ = try await verifier.verify(honest)
            await #expect(throws: TokenRefusal.algorithm) { try await verifier.verify(forged) }
        }
    }
}

/// An issuer's endpoint on a real socket.
final class FakeIssuer: Sendable {
    private let state: Mutex<(document: String?, fetches: Int)>
    private let port = BoundPort()
    let url: String

    var fetches: Int { state.withLock { $0.fetches } }

    /// What it answers from now on; nil: 503.
    func answers(_ document: String?) { state.withLock { $0.document = document } }

    private init(_ document: String?, port: Int) {
        state = Mutex((document, 0))
        url = "http://127.0.0.1:\(port)/jwks.json"
    }

    static func serving(_ document: String?, _ body: @escaping @Sendable (FakeIssuer) async throws -> Void) async throws {
        let port = try FreePort.next()
        let issuer = FakeIssuer(document, port: port)
        let router = Hummingbird.Router()
        router.get("/jwks.json") { _, _ in
            let document = issuer.state.withLock { state in
                state.fetches += 1
                return state.document
            }
            guard let document else { return Response(status: .serviceUnavailable) }
            return Response(
                status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(string: document)))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in issuer.port.set(port) }, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await application.run() }
            group.addTask {
                _ = await issuer.port.value()
                try await body(issuer)
            }
            try await group.next()
        }
    }
}

/// A monotonic clock that stands still until it is moved.
final class SteppedClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}
