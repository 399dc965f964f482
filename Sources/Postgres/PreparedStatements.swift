/// Which statements one connection has prepared; the one unused for longest makes room.
struct PreparedStatements {
    /// A statement without its values. The same text with parameters of other types is another one. The text itself is made
    /// only to be prepared: a statement that is known by its pieces needs none.
    struct Key: Hashable {
        var pieces: [SQL.Piece]
        var types: [UInt32]

        init(_ sql: SQL) {
            pieces = sql.pieces
            types = sql.parameters.map(\.type.rawValue)
        }
    }

    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    let countMax: Int
    private var entries: [Key: Entry] = [:]
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

    /// The name under which a statement is prepared.
    mutating func name(of key: Key) -> String? {
        uses += 1
        guard let index = entries.index(forKey: key) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// Gives a new statement its name, and names the one that has to go for it.
    mutating func add(_ key: Key) -> (name: String, evicted: String?) {
        var evicted: String?
        if entries.count >= countMax, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        uses += 1
        let name = "s\(uses)"
        entries[key] = Entry(name: name, lastUse: uses)
        return (name, evicted)
    }

    /// The server does not have it: preparing failed, or was skipped after an earlier failure.
    mutating func forget(_ key: Key) {
        entries[key] = nil
    }
}
