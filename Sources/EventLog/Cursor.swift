/// A reader's place in an event log: opaque to everyone but the log. As text it is made of letters, digits, `.` and `-`, at
/// most `textBytesMax` long, and fits a URL and a header.
package struct Cursor: Sendable, Hashable {
    package static let textBytesMax = 1_400
    static let partitionCount = 64

    /// Raised when the log is restored.
    var epoch: Int64
    /// The last position read, by partition; 0 where nothing was read.
    private(set) var positions: [Int64]

    init(epoch: Int64) {
        self.epoch = epoch
        positions = Array(repeating: 0, count: Self.partitionCount)
    }

    subscript(partition: Int) -> Int64 {
        get { positions[partition] }
        set { positions[partition] = newValue }
    }

    /// Whether a reader at this cursor has seen all that one at `other` has, within some partitions.
    package func covers(_ other: Cursor, partitions: Set<Int>) -> Bool {
        epoch == other.epoch && partitions.allSatisfy { self[$0] >= other[$0] }
    }
}

extension Cursor: LosslessStringConvertible {
    /// `c1.EPOCH.PARTITION-POSITION.PARTITION-POSITION...`, numbers in base 36, partitions in order, those at 0 left out.
    package var description: String {
        var text = "c1." + String(epoch, radix: 36)
        for (partition, position) in positions.enumerated() where position > 0 {
            text += "." + String(partition, radix: 36) + "-" + String(position, radix: 36)
        }
        return text
    }

    /// - Returns: `nil` for what no log has given out: each cursor has one spelling.
    package init?(_ description: String) {
        guard description.utf8.count <= Self.textBytesMax else { return nil }
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "c1", let epoch = Int64(parts[1], radix: 36), epoch > 0 else { return nil }
        var cursor = Cursor(epoch: epoch)
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: "-", omittingEmptySubsequences: false)
            guard pair.count == 2, let partition = Int(pair[0], radix: 36), let position = Int64(pair[1], radix: 36),
                (0..<Self.partitionCount).contains(partition), position > 0
            else { return nil }
            cursor[partition] = position
        }
        guard cursor.description == description else { return nil }
        self = cursor
    }
}
