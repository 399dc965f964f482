import Synchronization
import Testing
import Trials

@testable import GRPC

@Suite("Hedged calls", .timeLimit(.minutes(1)))
struct HedgingTests {
    private func hedging(
        _ attemptsMax: Int = 3, delay: Duration = .seconds(60), nonFatal: Set<StatusCode> = [.unavailable]
    ) -> ChannelConfiguration {
        var method = MethodConfiguration()
        method.repetition = .hedging(HedgingPolicy(attemptsMax: attemptsMax, delay: delay, nonFatalCodes: nonFatal))
        var configuration = ChannelConfiguration()
        configuration.service = ServiceConfiguration()
        configuration.service?.methods[.every] = method
        return configuration
    }

    // MARK: The rules alone

    private func rules(_ policy: HedgingPolicy, tokens: Double = 100) -> Hedging {
        Hedging(policy, RetryBudget(RetryThrottling(tokensMax: tokens, tokensPerSuccess: 0.1)))
    }

    private let failure = RPCError(code: .unavailable, message: "not now")

    @Test("after each delay another attempt, up to the most")
    func delays() {
        var hedging = rules(HedgingPolicy(attemptsMax: 3, delay: .seconds(1)))
        #expect(hedging.began() == .wait(.seconds(1), delay: 1))
        #expect(hedging.waited(delay: 1) == .attempt)
        #expect(hedging.waited(delay: 1) == .none, "that delay was used")
        #expect(hedging.began() == .wait(.seconds(1), delay: 2))
        #expect(hedging.waited(delay: 2) == .attempt)
        #expect(hedging.began() == .none)
    }

    @Test("a failure that is passed over brings the next attempt at once, any other one ends the call")
    func failures() {
        var hedging = rules(HedgingPolicy(attemptsMax: 3, delay: .seconds(1), nonFatalCodes: [.unavailable]))
        _ = hedging.began()
        #expect(hedging.failed(failure) == .attempt)
        _ = hedging.began()
        #expect(hedging.failed(RPCError(code: .aborted, message: "")) == .end)
    }

    @Test("the last failure ends the call")
    func lastFailure() {
        var hedging = rules(HedgingPolicy(attemptsMax: 2, delay: .zero, nonFatalCodes: [.unavailable]))
        _ = hedging.began()
        _ = hedging.began()
        #expect(hedging.failed(failure) == .none)
        #expect(hedging.failed(failure) == .end)
    }

    @Test("pushback: never stops further attempts, a time is kept")
    func pushback() {
        var never = failure
        never.retryPushback = .never
        var later = failure
        later.retryPushback = .after(.seconds(9))
        let policy = HedgingPolicy(attemptsMax: 3, delay: .seconds(1), nonFatalCodes: [.unavailable])
        var hedging = rules(policy)
        _ = hedging.began()
        #expect(hedging.failed(never) == .end)
        hedging = rules(policy)
        _ = hedging.began()
        guard case .wait(.seconds(9), let delay) = hedging.failed(later) else {
            Issue.record("it does not wait")
            return
        }
        #expect(hedging.waited(delay: delay) == .attempt)
    }

    @Test("a channel that has used up its tokens makes one attempt")
    func throttled() {
        var hedging = rules(HedgingPolicy(attemptsMax: 3, delay: .seconds(1), nonFatalCodes: [.unavailable]), tokens: 2)
        _ = hedging.began()
        #expect(hedging.failed(failure) == .end)
    }

    // MARK: Over sockets

    @Test("an attempt that hangs is overtaken, and then cancelled; the server is told how many came before")
    func overtakes() async throws {
        let cancelled = Signal()
        try await Loopback.run(client: hedging(2, delay: .milliseconds(20))) { router in
            router.unary(.read) { (_: Note, context) in
                guard context.previousAttempts == 0 else { return Note("\(context.previousAttempts)") }
                do { try await Task.sleep(for: .seconds(600)) } catch { await cancelled.set() }
                return Note("too late")
            }
        } _: { loopback in
            let trailers = Mutex(0)
            let options = CallOptions(onTrailingMetadata: { _ in trailers.withLock { $0 += 1 } })
            let note: Note = try await loopback.channel.unary(.read, Note("n"), options)
            #expect(note.text == "1")
            #expect(trailers.withLock { $0 } == 1, "of the attempt that counts")
            await cancelled.wait()
        }
    }

    @Test("failures that are passed over are followed by attempts without waiting")
    func passesOver() async throws {
        let calls = Counter()
        try await Loopback.run(client: hedging()) { router in
            router.unary(.read) { (note: Note, _) in
                guard await calls.add(1) == 3 else { throw RPCError(code: .unavailable, message: "not now") }
                return note
            }
        } _: { loopback in
            let note: Note = try await loopback.channel.unary(.read, Note("n"))
            #expect(note.text == "n")
            #expect(await calls.value == 3)
        }
    }

    @Test("a failure that is not passed over ends the call")
    func fatal() async throws {
        let calls = Counter()
        try await Loopback.run(client: hedging()) { router in
            router.unary(.read) { (_: Note, _) -> Note in
                await calls.add(1)
                throw RPCError(code: .notFound, message: "no")
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.read, Note("n")) } == .notFound)
            #expect(await calls.value == 1)
        }
    }

    @Test("a method with side effects is called once, whatever the configuration says")
    func sideEffects() async throws {
        let calls = Counter()
        try await Loopback.run(client: hedging(delay: .zero)) { router in
            router.unary(.unary) { (_: Note, _) -> Note in
                await calls.add(1)
                throw RPCError(code: .unavailable, message: "not now")
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .unavailable)
            #expect(await calls.value == 1)
        }
    }
}
