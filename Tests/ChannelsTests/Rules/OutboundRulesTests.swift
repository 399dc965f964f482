import Testing

@testable import Channels

@Suite("Rules of messages to providers")
struct OutboundRulesTests {
    @Test("C49: reports in any order end in the same status, and a failure never overtakes what came through")
    func monotone() {
        let reports: [OutboundStatus] = [.sent, .delivered, .read]
        for order in permutations(reports) {
            #expect(order.reduce(OutboundStatus.queued) { $0.moved(to: $1) } == .read)
        }
        #expect(OutboundStatus.queued.moved(to: .failed) == .failed && OutboundStatus.sent.moved(to: .failed) == .failed)
        #expect(OutboundStatus.delivered.moved(to: .failed) == .delivered && OutboundStatus.read.moved(to: .failed) == .read)
        for status in OutboundStatus.allCases { #expect(OutboundStatus.failed.moved(to: status) == .failed) }
        for status in OutboundStatus.allCases { #expect(status.moved(to: .queued) == status) }
    }

    @Test("CHANNELS 2.10: codes have their classes; unknown ones are not repeated")
    func classes() {
        let table: [(ProviderError.Class, [Int])] = [
            (.transient, [130_429, 131_056, 131_016, 131_057, 133_004, 4, 80_007, 80_008, 2, 131_000, 132_069]),
            (.windowClosed, [131_047]), (.undeliverable, [131_026]), (.heldBack, [131_049, 130_472]), (.optedOut, [131_050]),
            (.accountPaused, [131_048, 131_031, 368, 130_497, 131_042]), (.accountAuth, [190, 0, 3, 10, 200, 299, 131_005]),
            (.accountSetup, [131_045, 133_010]),
            (.rejected, [100, 131_008, 131_009, 131_021, 131_051, 33, 131_053, 131_030, 137_000, 424_242]),
            (.template, [132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_018, 132_068]),
            (.templatePaused, [132_015, 132_016]),
        ]
        for (expected, codes) in table {
            for code in codes { #expect(ProviderError.Class(graphCode: code) == expected, "\(code)") }
        }
        #expect(ProviderError.Class.allCases.filter(\.isTransient) == [.transient])
        for status in [408, 425, 429, 500, 503] { #expect(ProviderError.Class(httpStatus: status) == .transient) }
        for status in [400, 404, 410, 302] { #expect(ProviderError.Class(httpStatus: status) == .rejected) }
    }

    @Test("pauses grow by their factor up to the longest, chance takes at most half, and after the last attempt there is none")
    func pauses() {
        let plan = RetryPlan(attemptsMax: 5, first: .seconds(2), factor: 4, longest: .seconds(60))
        #expect(
            (1...5).map { plan.pause(afterAttempts: $0, chance: 1) } == [
                .seconds(2), .seconds(8), .seconds(32), .seconds(60), nil,
            ])
        #expect(
            (1...5).map { plan.pause(afterAttempts: $0, chance: 0) } == [
                .seconds(1), .seconds(4), .seconds(16), .seconds(30), nil,
            ])
        for _ in 0..<1_000 {
            let pause = plan.pause(afterAttempts: 2) ?? .zero
            #expect(pause >= .seconds(4) && pause <= .seconds(8))
        }
        for plan in [RetryPlan.outbound, .webhook] {
            #expect((1..<plan.attemptsMax).allSatisfy { plan.pause(afterAttempts: $0, chance: 1)! <= plan.longest })
        }
    }
}

private func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { index in
        var rest = elements
        let first = rest.remove(at: index)
        return permutations(rest).map { [first] + $0 }
    }
}
