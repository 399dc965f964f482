import Crypto
import Logging
import Testing

@testable import ServiceRuntime

@Suite("Issuers' keys")
struct KeySourceTests {
    @Test("a rotated key is found at once, and the last good keys outlive a failing issuer")
    func rotation() async throws {
        let first = P256.Signing.PrivateKey()
        let second = P256.Signing.PrivateKey()
        let script = FetchScript([
            try TokenBench.jwks([TokenBench.ecJWK(first.publicKey, kid: "1")]),
            try TokenBench.jwks([TokenBench.ecJWK(first.publicKey, kid: "1"), TokenBench.ecJWK(second.publicKey, kid: "2")]),
        ])
        let source = KeySource(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, refetchAfter: .zero) {
            try await script.next()
        }
        _ = try await source.key("1")
        _ = try await source.key("2")
        // The third fetch fails: an unknown key stays unknown, the known ones stay.
        await #expect(throws: TokenRefusal.unknownKey) { try await source.key("3") }
        _ = try await source.key("1")
        #expect(await script.fetches == 3)
    }

    @Test("unknown keys make one fetch in a minute")
    func refetchIsBounded() async throws {
        let key = P256.Signing.PrivateKey()
        let document = try TokenBench.jwks([TokenBench.ecJWK(key.publicKey, kid: "1")])
        let script = FetchScript(Array(repeating: document, count: 50))
        let source = KeySource(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { try await script.next() }
        _ = try await source.key("1")
        for index in 0..<20 {
            await #expect(throws: TokenRefusal.unknownKey) { try await source.key("no \(index)") }
        }
        #expect(await script.fetches == 1)
    }
}

/// Answers fetches one after the other, then fails.
actor FetchScript {
    private var answers: [[UInt8]]
    private(set) var fetches = 0

    init(_ answers: [[UInt8]]) {
        self.answers = answers
    }

    func next() throws -> [UInt8] {
        fetches += 1
        if answers.isEmpty { throw CancellationError() }
        return answers.removeFirst()
    }
}
