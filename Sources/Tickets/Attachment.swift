import FoundationEssentials
import WallTime

/// A file of a ticket.
struct Attachment: Sendable, Hashable {
    static let bytesMax = 26_214_400
    static let chunkBytesMax = 262_144
    /// How long a file waits for a comment that shows it.
    static let waitsFor: Duration = .seconds(86_400)

    var id: UUID
    var ticketID: UUID
    var uploader: String
    /// A comment shows it, a public one among them.
    var isShown = false
    var isPublic = false
    var mediaType: String
    var fileName: String
    var bytes = 0
    var sha256 = ""
    var created: Instant

    /// Whether a reader of its ticket may have it.
    func isReadable(by caller: Caller) -> Bool {
        isShown ? isPublic || caller.seesInternal : uploader == caller.identity
    }
}
