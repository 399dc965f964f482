import Testing
import Trials
import WorkingTime

/// Guarantees 6 and 7, on an abstract line: the arithmetic of open time against counting tick by tick.
@Suite struct TickLineTests {
    static let lines = isLong ? 100_000 : 2_000

    @Test("6: open ticks and due ticks equal counting tick by tick, on random lines")
    func equalsCounting() throws {
        var random = SeededGenerator(seed: 0x5EED_0006)
        for number in 0..<Self.lines {
            let line = TickLine.random(using: &random)
            let from = Int64.random(in: 0..<line.length, using: &random)
            let to = Int64.random(in: from...line.length, using: &random)
            #expect(line.openTicks(in: from..<to) == line.counted(from: from, to: to), "line \(number), \(from)..<\(to)")
            let amount = Int64.random(in: 0...line.length, using: &random)
            #expect(
                line.tick(after: amount, openSince: from, before: line.length)
                    == line.countedTick(after: amount, openSince: from), "line \(number), \(amount) after \(from)")
        }
    }

    @Test("7: what has passed and what is left add up at every tick")
    func algebra() throws {
        var random = SeededGenerator(seed: 0x5EED_0007)
        for _ in 0..<Self.lines / 20 {
            let line = TickLine.random(using: &random)
            let start = Int64.random(in: 0..<line.length, using: &random)
            let amount = Int64.random(in: 1...1_000, using: &random)
            guard let due = line.tick(after: amount, openSince: start, before: line.length) else { continue }
            let between = Int64.random(in: start...due, using: &random)
            let passed = line.openTicks(in: start..<between)
            #expect(line.openTicks(in: start..<due) == amount)
            #expect(passed + line.openTicks(in: between..<due) == amount)
            // Stopping and going on in the same tick changes nothing, unless the amount has passed already.
            if passed < amount {
                #expect(line.tick(after: amount - passed, openSince: between, before: line.length) == due)
            }
        }
    }
}

/// At most 20,000 ticks, each open or closed.
struct TickLine: OpenTime {
    let isOpen: [Bool]
    let openings: [Range<Int64>]

    var length: Int64 { Int64(isOpen.count) }

    static func random(using random: inout SeededGenerator) -> TickLine {
        let length = Int.random(in: 1...(Bool.random(using: &random) ? 200 : 20_000), using: &random)
        var isOpen: [Bool] = []
        var state = Bool.random(using: &random)
        while isOpen.count < length {
            let run = Int.random(in: 1...max(1, length / 8), using: &random)
            isOpen.append(contentsOf: repeatElement(state, count: min(run, length - isOpen.count)))
            state.toggle()
        }
        return TickLine(isOpen: isOpen)
    }

    init(isOpen: [Bool]) {
        self.isOpen = isOpen
        var openings: [Range<Int64>] = []
        var start: Int64?
        for (tick, open) in (isOpen + [false]).enumerated() {
            if open, start == nil { start = Int64(tick) }
            if !open, let begun = start {
                openings.append(begun..<Int64(tick))
                start = nil
            }
        }
        self.openings = openings
    }

    func walker(from tick: Int64) -> Walker {
        Walker(openings: openings.filter { $0.upperBound > tick }.map { max($0.lowerBound, tick)..<$0.upperBound })
    }

    func counted(from: Int64, to: Int64) -> Int64 {
        var count: Int64 = 0
        for tick in from..<to where isOpen[Int(tick)] { count += 1 }
        return count
    }

    func countedTick(after amount: Int64, openSince start: Int64) -> Int64? {
        var rest = amount
        if rest == 0 { return start }
        for tick in start..<length where isOpen[Int(tick)] {
            rest -= 1
            if rest == 0 { return tick + 1 }
        }
        return nil
    }

    struct Walker: OpenTimeWalker {
        var openings: [Range<Int64>]
        var index = 0

        mutating func next(before end: Int64) -> Range<Int64>? {
            guard index < openings.count, openings[index].lowerBound < end else { return nil }
            defer { index += 1 }
            return openings[index]
        }

        /// Two openings at once, where both fit: the shortcut that calendars take by weeks.
        mutating func skip(openMax: Int64, before end: Int64) -> Int64 {
            guard index + 1 < openings.count, openings[index + 1].upperBound <= end else { return 0 }
            let open = Int64(openings[index].count + openings[index + 1].count)
            guard open <= openMax else { return 0 }
            index += 2
            return open
        }
    }
}
