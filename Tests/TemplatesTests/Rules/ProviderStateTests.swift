import Testing
import Trials
import WallTime

@testable import Templates

@Suite("What a provider says, in any order")
struct ProviderStateTests {
    private let start = Instant(seconds: 1_790_000_000)

    private func time(_ seconds: Int64) -> Instant { start.advanced(by: .seconds(seconds)) }
    private var now: Instant { time(1_000_000) }

    private var submitted: ProviderState {
        var state = ProviderState(category: .utility)
        state.set(.submitted, at: start)
        return state
    }

    private func report(_ verdict: ProviderVerdict?, at seconds: Int64) -> ProviderReport {
        ProviderReport(verdict: verdict, providerTime: time(seconds))
    }

    /// Takes reports, each distinct one once, as the history sees to.
    private func taking(_ reports: [ProviderReport], from state: ProviderState) -> ProviderState {
        var (state, seen) = (state, Set<String>())
        for report in reports where seen.insert(report.key).inserted { _ = state.take(report, revision: 1, now: now) }
        return state
    }

    @Test("reports have one end, in whatever order they come and however often", arguments: 0..<60)
    func converges(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let reports = (0..<6).map { _ in
            ProviderReport(
                verdict: Bool.random(using: &random) ? ProviderVerdict.allCases.randomElement(using: &random) : nil,
                category: Bool.random(using: &random) ? TemplateCategory.allCases.randomElement(using: &random) : nil,
                announcedCategory: Bool.random(using: &random) ? .utility : nil,
                quality: Bool.random(using: &random) ? TemplateQuality.allCases.randomElement(using: &random) : nil,
                providerTime: time(Int64.random(in: 1...5, using: &random)))
        }
        let ends = (0..<40).map { _ in
            taking((reports + [reports[0], reports[3]]).shuffled(using: &random), from: submitted)
        }
        for end in ends { #expect(Visible(end) == Visible(ends[0])) }
    }

    @Test("all orders of five verdicts lead to the same status")
    func allOrders() {
        let reports = [
            report(.pending, at: 1), report(.approved, at: 2), report(.flagged, at: 3), report(.paused, at: 4),
            report(.reinstated, at: 5),
        ]
        let end = taking(reports, from: submitted)
        #expect(end.status == .approved && !end.flagged.value && end.pauseCount == 1)
        for order in reports.permutations { #expect(Visible(taking(order, from: submitted)) == Visible(end)) }
    }

    @Test("a late one changes nothing and is told as stale; the same again as unchanged")
    func late() {
        var state = submitted
        #expect(state.take(report(.approved, at: 10), revision: 1, now: now) == nil)
        #expect(state.take(report(.pending, at: 5), revision: 1, now: now) == .stale)
        #expect(state.status == .approved)
        #expect(state.take(report(.approved, at: 10), revision: 1, now: now) == .unchanged)
        #expect(state.take(report(.paused, at: 11), revision: 1, now: now) == nil)
        #expect(state.status == .paused)
    }

    @Test("of two at one time the worse one counts, whichever comes first")
    func ties() {
        for order in [[ProviderVerdict.approved, .rejected], [.rejected, .approved]] {
            #expect(taking(order.map { report($0, at: 3) }, from: submitted).status == .rejected)
        }
        for order in [[ProviderVerdict.pending, .approved], [.approved, .pending]] {
            #expect(taking(order.map { report($0, at: 3) }, from: submitted).status == .approved)
        }
    }

    @Test("what was said before an edit is of the old content; the answer of the same second counts")
    func beforeAnEdit() {
        var state = taking([report(.approved, at: 10)], from: submitted)
        state.set(.submitted, at: time(20).advanced(by: .milliseconds(700)))
        #expect(state.take(report(.approved, at: 19), revision: 2, now: now) == .stale)
        #expect(state.status == .submitted)
        #expect(state.take(report(.pending, at: 20), revision: 2, now: now) == nil)
        #expect(state.status == .pending)
        var answer = report(.approved, at: 30)
        answer.revision = 1
        #expect(state.take(answer, revision: 2, now: now) == .stale)
        answer.revision = 2
        #expect(state.take(answer, revision: 2, now: now) == nil && state.status == .approved)
    }

    @Test("a time to come is taken for the present: what follows still counts")
    func timeToCome() {
        var state = submitted
        let future = ProviderReport(verdict: .approved, providerTime: .latest)
        #expect(state.take(future, revision: 1, now: time(50)) == nil)
        #expect(state.take(report(.paused, at: 51), revision: 1, now: time(60)) == nil)
        #expect(state.status == .paused)
    }

    @Test("pauses are counted, and the second lasts longer")
    func pauses() {
        var state = taking([report(.approved, at: 1), report(.paused, at: 10)], from: submitted)
        #expect(state.pauseEndTime == time(10 + 3 * 3_600))
        state = taking([report(.reinstated, at: 20), report(.paused, at: 30)], from: state)
        #expect(state.pauseCount == 2 && state.pauseEndTime == time(30 + 6 * 3_600))
        state = taking([report(.disabled, at: 40)], from: state)
        #expect(state.pauseEndTime == nil && state.status == .disabled)
    }

    @Test("the provider's category stands beside the one asked for; an announced one is taken back by a move")
    func categories() {
        var state = submitted
        #expect(state.take(ProviderReport(announcedCategory: .marketing, providerTime: time(1)), revision: 1, now: now) == nil)
        #expect(state.announcedCategory.value == .marketing && state.previousCategory == nil)
        #expect(state.take(ProviderReport(category: .marketing, providerTime: time(2)), revision: 1, now: now) == nil)
        #expect(state.category.value == .marketing && state.previousCategory == .utility && state.announcedCategory.value == nil)
        state.ask(for: .marketing, at: time(3))
        #expect(state.previousCategory == nil)
        #expect(state.take(ProviderReport(category: .authentication, providerTime: time(2)), revision: 1, now: now) == .stale)
    }

    @Test("a draft has no provider, and what is gone stays gone")
    func ends() {
        var draft = ProviderState(category: .utility)
        #expect(draft.take(report(.approved, at: 1), revision: 1, now: now) == .notSubmitted && draft.status == .draft)
        var gone = taking([report(.deleted, at: 5)], from: submitted)
        #expect(gone.take(report(.approved, at: 9), revision: 1, now: now) == .deleted && gone.status == .deleted)
    }
}

/// All that callers can see.
private struct Visible: Equatable {
    let state: ProviderState

    init(_ state: ProviderState) { self.state = state }

    static func == (one: Visible, other: Visible) -> Bool {
        one.state.isLike(other.state) && one.state.pauseCount == other.state.pauseCount
    }
}

extension Array {
    var permutations: [[Element]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
