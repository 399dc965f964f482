package import FoundationEssentials
package import WallTime

/// An event as its writer states it: ids, states, numbers and times, never names, addresses or message text.
package struct NewEvent: Sendable, Hashable {
    package var tenantID: UUID
    /// A dotted lower-case word of the writer's, such as "order.closed"; at most 100 bytes.
    package var kind: String
    /// What the event is about.
    package var subjectID: UUID
    /// Product time: when it happened.
    package var time: Instant
    /// Small facts by name. Together with `payload` at most `EventLog.eventBytesMax`.
    package var attributes: [String: String]
    /// Small facts in a form of the writer's, such as a serialized message.
    package var payload: [UInt8]

    package init(
        tenantID: UUID, kind: String, subjectID: UUID, time: Instant, attributes: [String: String] = [:], payload: [UInt8] = []
    ) {
        self.tenantID = tenantID
        self.kind = kind
        self.subjectID = subjectID
        self.time = time
        self.attributes = attributes
        self.payload = payload
    }
}

/// An event as a reader gets it.
package struct Event: Sendable, Hashable {
    /// Reading on after this cursor gives everything that follows the event.
    package var cursor: Cursor
    package var partition: Int
    /// 1, 2, 3 ... within its partition, in the order of commits.
    package var position: Int64
    package var tenantID: UUID
    package var kind: String
    package var subjectID: UUID
    package var time: Instant
    package var attributes: [String: String]
    package var payload: [UInt8]

    /// Names the event on every stream alike: partition and position with leading zeros. Within a tenant, and so within a
    /// partition, later ids are greater as text.
    package var eventID: String {
        let digits = String(position)
        return "\(partition)-\(String(repeating: "0", count: max(0, 19 - digits.utf8.count)))\(digits)"
    }

    static let traceAttribute = "traceparent"

    /// The trace in which it was appended (W3C Trace Context), if its log was told one.
    package var traceparent: String? { attributes[Self.traceAttribute] }
}

/// A stretch of the log: what passed the filter, and how far the reader has come by it, filtered-out events included.
package struct EventBatch: Sendable {
    package var events: [Event]
    /// Reading on after this cursor gives everything that follows the batch.
    package var cursor: Cursor
    /// Everything that was there when the log was last looked at has been handed over.
    package var isLive: Bool
}

/// Which events a reader wants. Empty or `nil` means all.
package struct EventFilter: Sendable, Hashable {
    package var tenantID: UUID?
    package var kinds: Set<String>
    /// Partitions (0 to 63) to read; a share of them is what one replica of a consumer asks for.
    package var partitions: Set<Int>

    package init(tenantID: UUID? = nil, kinds: Set<String> = [], partitions: Set<Int> = []) {
        self.tenantID = tenantID
        self.kinds = kinds
        self.partitions = partitions
    }
}

package enum EventLogError: Error, Sendable, Hashable {
    /// The cursor is of an older epoch (the log was restored since) or lies before what is retained: read the current state
    /// anew and follow from `head()`.
    case outOfRange
    /// No cursor of any log.
    case malformedCursor
    /// An event larger than `EventLog.eventBytesMax`, or a kind longer than 100 bytes.
    case tooLarge
}
