import WallTime

/// Of what comes in any order, the last one counts: a value with the place of what set it. However its offers are shuffled and
/// repeated, it ends with the same value.
struct Register<Value: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
    private(set) var value: Value
    private(set) var place: ReportPlace?

    init(_ value: Value, at place: ReportPlace? = nil) {
        self.value = value
        self.place = place
    }

    /// - Returns: whether the value is as offered now; an older offer changes nothing.
    mutating func offer(_ value: Value, at place: ReportPlace) -> Bool {
        guard self.place.map({ place >= $0 }) ?? true else { return false }
        self.value = value
        self.place = place
        return true
    }

    /// Sets the value by our own doing; what the provider said of earlier times counts no more.
    mutating func set(_ value: Value, at time: Instant) {
        let floor = ReportPlace(finality: 0, time: max(time, place?.time ?? time), rank: -1)
        self.value = value
        place = floor
    }
}

/// The place of a report among all of one template: in the order of the provider's times. What cannot be taken back comes last
/// whenever it happened, and of two at one time the worse comes later. Providers count seconds: so do places.
struct ReportPlace: Sendable, Hashable, Comparable, Codable {
    var finality: Int
    /// In whole seconds of the Unix epoch.
    var seconds: Int64
    var rank: Int

    init(finality: Int, time: Instant, rank: Int) {
        self.finality = finality
        seconds = time.secondsAndNanoseconds.seconds
        self.rank = rank
    }

    var time: Instant { Instant(seconds: seconds, nanoseconds: 0) }

    static func < (one: ReportPlace, other: ReportPlace) -> Bool {
        (one.finality, one.seconds, one.rank) < (other.finality, other.seconds, other.rank)
    }
}
