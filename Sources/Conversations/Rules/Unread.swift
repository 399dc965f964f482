/// C19: what the circle shows.
enum Unread {
    static func badge(count: Int32, attention: Bool) -> Int32 { max(count, attention ? 1 : 0) }

    /// The sequence number up to which messages count as read for an assignee: his own mark, but at least what a human has
    /// answered before he came; without an assignee: what a human has answered.
    static func floor(assigneeMark: Int32?, lastHumanSeq: Int32) -> Int32 { max(assigneeMark ?? 0, lastHumanSeq) }
}
