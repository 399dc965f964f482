/// A line of ticks, parts of which are open; ticks are counted from any zero, in any unit.
package protocol OpenTime {
    associatedtype Walker: OpenTimeWalker
    /// Walks the open parts from a tick on.
    func walker(from tick: Int64) -> Walker
}

package protocol OpenTimeWalker {
    /// The next open ticks from where the walker stands, which then stands behind them; nil if none begin before `end`.
    mutating func next(before end: Int64) -> Range<Int64>?

    /// Steps over as much as it can tell the open ticks of at once: at most `openMax` of them, and not beyond `end`.
    /// - Returns: the open ticks stepped over; 0 where there is no such shortcut.
    mutating func skip(openMax: Int64, before end: Int64) -> Int64
}

extension OpenTime {
    /// The open ticks of a range.
    package func openTicks(in range: Range<Int64>) -> Int64 {
        var walker = walker(from: range.lowerBound)
        var total: Int64 = 0
        while true {
            total += walker.skip(openMax: .max, before: range.upperBound)
            guard let open = walker.next(before: range.upperBound) else { return total }
            total += min(open.upperBound, range.upperBound) - open.lowerBound
        }
    }

    /// The earliest tick by which `amount` open ticks have passed since `start`: at the end of an opening, not at the beginning of
    /// the next. Nil if that is not before `end`. An amount of 0 or less has passed at once.
    package func tick(after amount: Int64, openSince start: Int64, before end: Int64) -> Int64? {
        guard amount > 0 else { return start }
        var walker = walker(from: start)
        var rest = amount
        while true {
            rest -= walker.skip(openMax: rest - 1, before: end)
            guard let open = walker.next(before: end) else { return nil }
            let length = open.upperBound - open.lowerBound
            if length >= rest { return open.lowerBound + rest }
            rest -= length
        }
    }
}
