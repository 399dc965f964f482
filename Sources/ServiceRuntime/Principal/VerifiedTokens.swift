import WallTime

/// A caller whose token held; handed on as it is, from the tokens that are remembered to the call.
final class VerifiedCaller: Sendable {
    let principal: Principal
    /// His token.
    let bearer: String?

    init(_ principal: Principal, bearer: String?) {
        self.principal = principal
        self.bearer = bearer
    }
}

/// Tokens whose signature held a moment ago, bare or as the value of `authorization`: each is checked once in `timeMax`, not at
/// every call.
struct VerifiedTokens {
    /// How long a verified token is believed without looking again.
    static let timeMax: Duration = .seconds(60)
    static let entriesMax = 10_000

    private struct Entry {
        var caller: VerifiedCaller
        var until: Instant
    }

    /// Told apart by all of what came, found by the end of the signature, which no two have in common: a digest of the whole
    /// costs more than the rest of the call's authentication.
    private struct Key: Hashable {
        let credentials: String

        func hash(into hasher: inout Hasher) {
            hasher.combine(credentials.utf8.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
    }

    private let entriesMax: Int
    private var entries: [Key: Entry] = [:]

    init(entriesMax: Int = Self.entriesMax) {
        self.entriesMax = entriesMax
    }

    var count: Int { entries.count }

    func caller(_ credentials: String, at now: Instant) -> VerifiedCaller? {
        guard let entry = entries[Key(credentials: credentials)], now < entry.until else { return nil }
        return entry.caller
    }

    /// Makes room first: by what has run out, and where that is not enough by starting over.
    mutating func remember(_ caller: VerifiedCaller, of credentials: String, at now: Instant) {
        if entries.count >= entriesMax { entries = entries.filter { now < $0.value.until } }
        if entries.count >= entriesMax { entries.removeAll(keepingCapacity: true) }
        let until = min(caller.principal.expires, now.advanced(by: Self.timeMax))
        entries[Key(credentials: credentials)] = Entry(caller: caller, until: until)
    }
}
