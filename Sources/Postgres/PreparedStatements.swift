/// Which statements one connection has prepared, by text; the one unused for longest makes room.
struct PreparedStatements {
    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    let countMax: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Empty, but giving out names that `old` has not given out.
    init(countMax: Int, after old: PreparedStatements) {
        self.countMax = countMax
        uses = old.uses
    }

    var count: Int { entries.count }

    /// The name under which a text is prepared.
    mutating func name(of text: String) -> String? {
        uses += 1
        guard entries[text] != nil else { return nil }
        entries[text]!.lastUse = uses
        return entries[text]!.name
    }

    /// Gives a new text its name, and names the statement that has to go for it.
    mutating func add(_ text: String) -> (name: String, evicted: String?) {
        var evicted: String?
        if entries.count >= countMax, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        uses += 1
        let name = "s\(uses)"
        entries[text] = Entry(name: name, lastUse: uses)
        return (name, evicted)
    }

    /// The server does not have it: preparing failed, or was skipped after an earlier failure.
    mutating func forget(_ text: String) {
        entries[text] = nil
    }
}
