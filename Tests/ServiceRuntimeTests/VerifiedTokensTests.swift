import Foundation
import Synchronization
import Testing
import WallTime

@testable import ServiceRuntime

@Suite("Verified tokens")
struct VerifiedTokensTests {
    private let start = Instant(seconds: 1_000)

    private func token(_ number: Int) -> String { "head.body.signature-\(number)" }

    private func caller(until expires: Instant = .latest) -> VerifiedCaller {
        VerifiedCaller(Principal(tenantID: nil, subject: "x", kind: .service, expires: expires), bearer: nil)
    }

    @Test("a token is believed for a minute, or until it ends")
    func times() {
        var tokens = VerifiedTokens()
        tokens.remember(caller(), of: token(1), at: start)
        tokens.remember(caller(until: start.advanced(by: .seconds(10))), of: token(2), at: start)
        #expect(tokens.caller(token(1), at: start.advanced(by: .milliseconds(59_999))) != nil)
        #expect(tokens.caller(token(1), at: start.advanced(by: .seconds(60))) == nil)
        #expect(tokens.caller(token(2), at: start.advanced(by: .milliseconds(9_999))) != nil)
        #expect(tokens.caller(token(2), at: start.advanced(by: .seconds(10))) == nil)
        #expect(tokens.caller(token(3), at: start) == nil)
    }

    @Test("a token is known by all of it: the end of another one's signature, or one changed byte, is another token")
    func wholeToken() {
        var tokens = VerifiedTokens()
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
        tokens.remember(caller(), of: token, at: start)
        #expect(tokens.caller(token, at: start) != nil)
        for other in ["c2lnbmF0dXJl", "e30.e30.c2lnbmF0dXJl", token + "x", String(token.dropFirst()), String(token.dropLast())] {
            #expect(tokens.caller(other, at: start) == nil)
        }
        for place in token.indices {
            var changed = token
            changed.replaceSubrange(place...place, with: "~")
            #expect(tokens.caller(changed, at: start) == nil)
        }
    }

    @Test("there are never more than the bound, and what has run out goes first")
    func bound() {
        var tokens = VerifiedTokens(entriesMax: 3)
        tokens.remember(caller(until: start), of: token(1), at: start)
        for number in 2...3 { tokens.remember(caller(), of: token(number), at: start) }
        tokens.remember(caller(), of: token(4), at: start)
        #expect(tokens.count == 3)
        for number in 2...4 { #expect(tokens.caller(token(number), at: start) != nil) }
        for number in 5...100 {
            tokens.remember(caller(), of: token(number), at: start)
            #expect(tokens.count <= 3)
            #expect(tokens.caller(token(number), at: start) != nil)
        }
    }

    @Test("signatures are checked on the offload pool alone; a token seen before needs none", .timeLimit(.minutes(1)))
    func onThePool() async throws {
        let pool = OffloadPool(threads: 1)
        let bench = try TokenBench(offload: pool)
        let (known, new) = (try await bench.token(), try await bench.token(until: .seconds(599)))
        _ = try await bench.verifier.verify(known)
        let (isBusy, mayGoOn, isVerified) = (Flag(), DispatchSemaphore(value: 0), Flag())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await pool.run("test") {
                    isBusy.raise()
                    Self.block(on: mayGoOn)
                }
            }
            while !isBusy.isRaised { await Task.yield() }
            group.addTask {
                _ = try await bench.verifier.verify(new)
                isVerified.raise()
            }
            // The pool's only thread is taken: what is known passes, what is new waits.
            for _ in 0..<20 {
                _ = try await bench.verifier.verify(known)
                try await Task.sleep(for: .milliseconds(2))
            }
            let isEarly = isVerified.isRaised
            #expect(!isEarly)
            mayGoOn.signal()
            try await group.waitForAll()
        }
        let isDone = isVerified.isRaised
        #expect(isDone)
        await pool.close()
    }

    @Test("a token of an issuer is judged anew when its minute is over", .timeLimit(.minutes(1)))
    func judgedAnew() async throws {
        let clock = Mutex(TokenBench.now)
        let bench = try TokenBench(now: { clock.withLock { $0 } })
        let token = try await bench.token(until: .seconds(90))
        for seconds in [0, 59, 60, 89, 149] {
            clock.withLock { $0 = TokenBench.now.advanced(by: .seconds(seconds)) }
            _ = try await bench.verifier.verify(token)
        }
        clock.withLock { $0 = TokenBench.now.advanced(by: .seconds(150)) }
        await #expect(throws: TokenRefusal.expired) { try await bench.verifier.verify(token) }
    }

    private static func block(on semaphore: DispatchSemaphore) { semaphore.wait() }
}
