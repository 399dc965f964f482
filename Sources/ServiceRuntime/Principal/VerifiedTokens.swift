import Crypto
import WallTime

/// Tokens whose signature held a moment ago, by their digest: each is checked once in `timeMax`, not at every call.
struct VerifiedTokens {
    /// How long a verified token is believed without looking again.
    static let timeMax: Duration = .seconds(60)
    static let entriesMax = 10_000

    private struct Entry {
        var principal: Principal
        var until: Instant
    }

    private let entriesMax: Int
    private var entries: [SHA256Digest: Entry] = [:]

    init(entriesMax: Int = Self.entriesMax) {
        self.entriesMax = entriesMax
    }

    var count: Int { entries.count }

    func principal(_ token: SHA256Digest, at now: Instant) -> Principal? {
        guard let entry = entries[token], now < entry.until else { return nil }
        return entry.principal
    }

    /// Makes room first: by what has run out, and where that is not enough by starting over.
    mutating func remember(_ principal: Principal, _ token: SHA256Digest, at now: Instant) {
        if entries.count >= entriesMax { entries = entries.filter { now < $0.value.until } }
        if entries.count >= entriesMax { entries.removeAll(keepingCapacity: true) }
        entries[token] = Entry(principal: principal, until: min(principal.expires, now.advanced(by: Self.timeMax)))
    }
}
