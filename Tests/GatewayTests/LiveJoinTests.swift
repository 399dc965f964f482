@testable import Gateway
import Testing

@Suite struct LiveJoinTests {
    /// The steps of a hand-over, in their order. Between any two of them an event may be committed, and the hub may lag
    /// behind the log by any number of events.
    private enum Step: CaseIterable { case beforeSubscribing, subscribed, replayBegins, replayUnderway, replayEnds, live }

    /// Three events are committed before and three after; one more at `step`, seen by the hub `lag` events late.
    private func seen(committedAt step: Step, lag: Int) -> [Int] {
        var log = [1, 2, 3]
        var hubAt = max(0, log.count - lag)
        var queue: [Int]?
        var delivered: [Int] = []
        var join = LiveJoin(replays: true)
        var replay: ArraySlice<Int> = []

        func commitIfDue(_ now: Step) {
            if now == step { log.append(log.count + 1) }
        }
        func hubMoves(to position: Int) {
            while hubAt < min(position, log.count) {
                queue?.append(log[hubAt])
                hubAt += 1
            }
        }
        func take(_ event: Int, _ pass: Bool) { if pass { delivered.append(event) } }

        commitIfDue(.beforeSubscribing)
        queue = []
        commitIfDue(.subscribed)
        hubMoves(to: log.count - lag)
        replay = log[...]  // what had been committed when the replay began
        commitIfDue(.replayBegins)
        hubMoves(to: log.count - lag)
        for event in replay.prefix(2) { take(event, join.replayed(id(event))) }
        commitIfDue(.replayUnderway)
        for event in replay.dropFirst(2) { take(event, join.replayed(id(event))) }
        commitIfDue(.replayEnds)
        join.caughtUp()
        log += [log.count + 1, log.count + 2, log.count + 3]
        hubMoves(to: log.count)
        commitIfDue(.live)
        hubMoves(to: log.count)
        for event in queue ?? [] { take(event, join.live(id(event))) }
        #expect(delivered == log, "committed at \(step), lag \(lag)")
        return delivered
    }

    private func id(_ event: Int) -> String { "0001-" + String(repeating: "0", count: 8 - String(event).count) + String(event) }

    @Test func eventCommittedAtEachStepOfTheHandOverIsSeenOnce() {
        for step in Step.allCases {
            for lag in 0...4 { #expect(seen(committedAt: step, lag: lag).count == 7) }
        }
    }

    @Test func positionsSurviveTheBrowser() {
        let position = StreamPosition(cursors: ["conversations": "a.b~c=/+\u{e9}", "contacts": "x"])
        #expect(StreamPosition(position.text) == position)
        for bad in ["", "1.", "2.a~b", "1.a", "1.a~b.a~c", "1.%zz~b", String(repeating: "x", count: 20_000)] {
            #expect(StreamPosition(bad) == nil)
        }
    }

    @Test func aFullQueueCutsItsViewerAndNoOther() async throws {
        let feed = LiveFeed<Int>()
        #expect(feed.subscribe(tenantID: "t", required: "s", cut: {}) == nil)
        feed.advance("other", to: "0")
        #expect(feed.subscribe(tenantID: "t", required: "s", cut: {}) == nil)
        feed.advance("s", to: "0")
        let cut = Flag()
        let slowOne = feed.subscribe(tenantID: "t", required: "s", cut: { cut.raise() })
        let otherOne = feed.subscribe(tenantID: "u", required: "s", cut: { Issue.record("cut the wrong viewer") })
        let (slow, other) = try (#require(slowOne), #require(otherOne))
        for number in 0...LiveFeed<Int>.queueMax { feed.publish("s", tenantID: "t", cursor: "\(number)") { number } }
        #expect(cut.isRaised)
        var count = 0
        for await _ in slow.signals { count += 1 }
        #expect(count == LiveFeed<Int>.queueMax)
        feed.publish("s", tenantID: "u", cursor: "x") { 7 }
        var iterator = other.signals.makeAsyncIterator()
        if case .event(7)? = await iterator.next() {} else { Issue.record("no event") }
        #expect(feed.viewerCount == 1)
    }
}
