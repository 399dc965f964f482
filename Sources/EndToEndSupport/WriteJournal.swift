import Synchronization

/// What clients meant to write and what they were told: the other side of the audit. Intents are noted before the call,
/// results after it.
package final class WriteJournal: Sendable {
    /// The nth write of one sequential sender.
    package struct Write: Sendable, Hashable {
        package let sender: Int
        package let number: Int

        package init(sender: Int, number: Int) {
            self.sender = sender
            self.number = number
        }

        /// Stands in what is written, so that it is found again.
        package var label: String { "\(sender)/\(number)" }

        package init?(label: some StringProtocol) {
            let parts = label.split(separator: "/").compactMap { Int($0) }
            guard parts.count == 2 else { return nil }
            self.init(sender: parts[0], number: parts[1])
        }
    }

    private let state = Mutex((intended: Set<Write>(), acknowledged: Set<Write>()))

    package init() {}

    package func intend(_ write: Write) { state.withLock { _ = $0.intended.insert(write) } }
    package func acknowledge(_ write: Write) { state.withLock { _ = $0.acknowledged.insert(write) } }
    package var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }

    /// Compares the journal with what is stored.
    /// - Parameter stored: every write found, in the order in which the service put them.
    package func audit(_ stored: [Write]) -> Audit {
        let (intended, acknowledged) = state.withLock { ($0.intended, $0.acknowledged) }
        var seen: Set<Write> = []
        var audit = Audit(lost: acknowledged.subtracting(stored))
        var last: [Int: Int] = [:]
        for write in stored {
            if !intended.contains(write) { audit.ghosts.insert(write) }
            guard seen.insert(write).inserted else {
                audit.duplicates.insert(write)
                continue
            }
            if write.number < last[write.sender, default: -1] { audit.misordered.insert(write) }
            last[write.sender] = write.number
        }
        return audit
    }
}

/// What must be empty: LOST, DUP, ORDER, GHOST.
package struct Audit: Sendable, Hashable {
    /// Acknowledged, and not there.
    package var lost: Set<WriteJournal.Write>
    /// There twice.
    package var duplicates: Set<WriteJournal.Write> = []
    /// Before an earlier one of the same sequential sender.
    package var misordered: Set<WriteJournal.Write> = []
    /// There, and nobody's.
    package var ghosts: Set<WriteJournal.Write> = []

    package static let clean = Audit(lost: [])

    package init(lost: Set<WriteJournal.Write>) {
        self.lost = lost
    }
}
