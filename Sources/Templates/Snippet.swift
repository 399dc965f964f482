import FoundationEssentials
import WallTime

/// A text of the tenant's own that agents open by typing "/" (S34).
struct Snippet: Sendable, Hashable {
    let id: SnippetID
    var content: SnippetContent
    var useCount: Int32 = 0
    var lastUseTime: Instant?
    let createTime: Instant
    var updateTime: Instant
    /// Counts the changes, its use excepted, from 1. It is the etag.
    var version: Int64 = 1

    /// The title's words as a search compares them, each after a blank.
    var titleWords: String { SearchText.words(content.title).map { " \($0)" }.joined() }
}
