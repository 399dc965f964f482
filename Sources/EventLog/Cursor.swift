/// A reader's place in an event log: opaque to everyone but the log. {epoch, a position per partition}
package struct Cursor: Sendable, Hashable {
    var epoch: Int64
    /// Partitions without an entry have not been read: position 0.
    var positions: [Int: Int64]

    init(epoch: Int64, positions: [Int: Int64] = [:]) {
        self.epoch = epoch
        self.positions = positions
    }
}

extension Cursor: LosslessStringConvertible {
    /// - Returns: `nil` for what no log has given out.
    package init?(_ description: String) { return nil }
    package var description: String { "" }
}
