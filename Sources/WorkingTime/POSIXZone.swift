import WallTime

/// The rule that a POSIX TZ string states, as in `<-03>3` or `EST5EDT,M3.2.0,M11.1.0`: what holds in every year after the last
/// transition that a file lists (POSIX.1-2024, 8.3; RFC 8536, 3.3.1, which allows hours from -167 to 167).
struct POSIXZone: Sendable, Hashable {
    /// Seconds east of UTC outside of summer time.
    var standardOffset: Int
    var summer: Summer?

    struct Summer: Sendable, Hashable {
        /// Seconds east of UTC.
        var offset: Int
        var begin: Rule
        var end: Rule
    }

    /// A day of every year, and the local second of it.
    struct Rule: Sendable, Hashable {
        var day: Day
        /// Seconds after the day's midnight, perhaps before it or days after.
        var second: Int
    }

    enum Day: Sendable, Hashable {
        /// `Jn`: 1 to 365, February 29 is never counted.
        case julian(Int)
        /// `n`: 0 to 365, February 29 is counted.
        case zeroBased(Int)
        /// `Mm.w.d`: the w-th (5: the last) weekday d (0: Sunday) of month m.
        case weekday(month: Int, week: Int, day: Int)
    }

    init(_ text: String) throws(TimeZoneError) {
        var reader = TextReader(text)
        try reader.name()
        standardOffset = try -reader.time(hoursMax: 24)
        guard !reader.isAtEnd else { return }
        try reader.name()
        let offset = reader.next(is: ",") ? standardOffset + 3_600 : try -reader.time(hoursMax: 24)
        let begin = try reader.rule()
        let end = try reader.rule()
        guard reader.isAtEnd else { throw .malformed("its footer goes on after the rules") }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    /// The year's two changes in their order: seconds since the Unix epoch, and seconds east of UTC from then on.
    func changes(in year: Int) -> [(at: Int64, offset: Int)] {
        guard let summer else { return [] }
        let begin = (at: summer.begin.second(in: year) - Int64(standardOffset), offset: summer.offset)
        let end = (at: summer.end.second(in: year) - Int64(summer.offset), offset: standardOffset)
        return begin.at < end.at ? [begin, end] : [end, begin]
    }
}

extension POSIXZone.Rule {
    /// Local seconds since 1970-01-01T00:00:00 of the clock that runs until then.
    func second(in year: Int) -> Int64 {
        Int64(day.daysSinceEpoch(in: year)) * 86_400 + Int64(second)
    }
}

extension POSIXZone.Day {
    func daysSinceEpoch(in year: Int) -> Int {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        switch self {
        case .julian(let number):
            let afterFebruary = number > 59 && CivilDate.days(in: 2, of: year) == 29
            return newYear + number - 1 + (afterFebruary ? 1 : 0)
        case .zeroBased(let number):
            return newYear + number
        case .weekday(let month, let week, let day):
            let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            // 1970-01-01 was a Thursday.
            let weekdayOfFirst = (((first + 4) % 7) + 7) % 7
            var offset = (day - weekdayOfFirst + 7) % 7 + (week - 1) * 7
            if offset >= CivilDate.days(in: month, of: year) { offset -= 7 }
            return first + offset
        }
    }
}

/// Walks a TZ string.
private struct TextReader {
    private let text: [UInt8]
    private var index = 0

    init(_ text: String) {
        self.text = Array(text.utf8)
    }

    var isAtEnd: Bool { index == text.count }

    func next(is mark: Unicode.Scalar) -> Bool { index < text.count && text[index] == UInt8(ascii: mark) }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard next(is: mark) else { return false }
        index += 1
        return true
    }

    /// `EST`, or `<+1030>`.
    mutating func name() throws(TimeZoneError) {
        let start = index
        if take("<") {
            while index < text.count, !next(is: ">") { index += 1 }
            guard take(">"), index - start > 2 else { throw .malformed("its footer names no zone") }
        } else {
            while index < text.count, isLetter(text[index]) { index += 1 }
            guard index - start >= 3 else { throw .malformed("its footer names no zone") }
        }
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(hoursMax: Int) throws(TimeZoneError) -> Int {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        var seconds = try number(0...hoursMax) * 3_600
        if take(":") {
            seconds += try number(0...59) * 60
            if take(":") { seconds += try number(0...59) }
        }
        return sign * seconds
    }

    /// `,Mm.w.d[/time]`, `,Jn[/time]` or `,n[/time]`.
    mutating func rule() throws(TimeZoneError) -> POSIXZone.Rule {
        guard take(",") else { throw .malformed("its footer lacks a rule") }
        let day: POSIXZone.Day
        if take("M") {
            let month = try number(1...12)
            guard take(".") else { throw .malformed("its footer lacks a week") }
            let week = try number(1...5)
            guard take(".") else { throw .malformed("its footer lacks a weekday") }
            day = .weekday(month: month, week: week, day: try number(0...6))
        } else if take("J") {
            day = .julian(try number(1...365))
        } else {
            day = .zeroBased(try number(0...365))
        }
        return POSIXZone.Rule(day: day, second: take("/") ? try time(hoursMax: 167) : 7_200)
    }

    private mutating func number(_ range: ClosedRange<Int>) throws(TimeZoneError) -> Int {
        var value = 0
        let start = index
        while index < text.count, index - start < 4, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) {
            value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, range.contains(value) else { throw .malformed("a number of its footer is out of range") }
        return value
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
