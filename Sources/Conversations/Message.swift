import FoundationEssentials
import WallTime

/// One message or note, as its row holds it.
struct Message: Sendable {
    enum Direction: String, Sendable {
        case inbound, outbound, `internal`
    }

    /// How far a message of ours came. It only moves forward; it fails from accepted or sent alone.
    enum Delivery: Int16, Sendable {
        case none, accepted, sent, delivered, read, failed
    }

    var id: UUID
    var conversationID: UUID
    var seq: Int32 = 0
    var direction: Direction
    var kind: MessageKind
    var author: Author
    var text = ""
    /// Parts only some kinds have, serialized as the contract writes them.
    var content: [UInt8]?
    var replyTo: UUID?
    var attachmentIDs: [UUID] = []
    var created: Instant
    var providerTime: Instant?
    var delivery: Delivery = .none
    var deliveryTime: Instant?
    var failureReason = ""
    var providerMessageID = ""
    var mentionedAgentIDs: [UUID] = []
    var mentionedDepartmentIDs: [UUID] = []
    /// The new attempt of one that failed.
    var retriedAs: UUID?

    var takesTurn: Bool { direction == .inbound && kind.takesTurn }
}

/// A stored file.
struct Attachment: Sendable {
    var id: UUID
    var channelAccountID: UUID
    var conversationID: UUID?
    /// Identity of who uploaded it: he alone may name it in a message.
    var uploader: String
    var kind: AttachmentKind
    var mediaType: String
    var fileName: String
    var bytes: Int32
    var sha256: String
    var created: Instant
}
