/// What one source knows of the writes: the tables, the read API, the event stream.
package struct Evidence: Sendable {
    package let source: String
    /// Every write found there, in the source's order.
    package let writes: [Write]
    /// Whether that order is promised to be each sender's own.
    package let isOrdered: Bool
    /// Numbers of a sequence that promises to have no gaps, and has one before them.
    package let gaps: [Int]

    package init(_ source: String, _ writes: [Write], isOrdered: Bool = true, gaps: [Int] = []) {
        self.source = source
        self.writes = writes
        self.isOrdered = isOrdered
        self.gaps = gaps
    }
}

/// What must be empty (RELIABILITY.md 4).
package struct Audit: Sendable, Hashable {
    /// LOST: acknowledged, or in the tables, and not there.
    package var lost: Set<Write> = []
    /// DUP: there twice.
    package var duplicates: Set<Write> = []
    /// ORDER: before an earlier one of the same sequential sender, or behind a gap.
    package var misordered: Set<Write> = []
    package var gaps: [Int] = []
    /// GHOST: there, and nobody's, or in no table.
    package var ghosts: Set<Write> = []

    package static let clean = Audit()

    package init() {}
}

extension Audit: CustomStringConvertible {
    package var description: String {
        "LOST \(lost.count) DUP \(duplicates.count) ORDER \(misordered.count + gaps.count) GHOST \(ghosts.count)"
    }
}

extension WriteJournal {
    /// Compares the journal with each source, and each source with the tables.
    /// - Returns: an audit by source.
    package func audit(tables: Evidence, _ others: [Evidence] = []) throws -> [String: Audit] {
        let (intended, acknowledged) = try read()
        let rows = Set(tables.writes)
        let audits = ([tables] + others).map { evidence in
            var audit = Audit()
            let found = Set(evidence.writes)
            // A write that nobody was told of may have happened, but then everywhere.
            audit.lost = acknowledged.union(rows).subtracting(found)
            audit.ghosts = found.subtracting(intended).union(found.subtracting(rows))
            audit.gaps = evidence.gaps
            audit.note(evidence)
            return (evidence.source, audit)
        }
        return Dictionary(uniqueKeysWithValues: audits)
    }
}

extension Audit {
    fileprivate mutating func note(_ evidence: Evidence) {
        var seen: Set<Write> = []
        var last: [Int: Int] = [:]
        for write in evidence.writes {
            guard seen.insert(write).inserted else {
                duplicates.insert(write)
                continue
            }
            if evidence.isOrdered, write.number < last[write.sender, default: -1] { misordered.insert(write) }
            last[write.sender] = write.number
        }
    }
}
