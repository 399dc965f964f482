/// A channel (C3).
enum ChannelKind: String, CaseIterable, Sendable {
    case whatsapp, facebook, instagram, webchat, email
    /// One of the tenant's own: its row of rules names it and says everything.
    case other
}

/// What the business may do to begin, or to go on after expiry (SPEC 8).
enum BusinessInitiative: String, CaseIterable, Sendable {
    case rejected
    case template
    case liveSession = "live_session"
    case allowed
}

enum AttachmentPermission: String, CaseIterable, Sendable {
    case rejected
    case allowed
    case asFile = "as_file"
}

struct AttachmentRule: Hashable, Sendable {
    var permission: AttachmentPermission
    /// Largest size of one file.
    var bytesMax: Int32
}

/// Longest text a channel carries.
struct TextLimit: Hashable, Sendable {
    enum Unit: String, Sendable {
        case characters
        /// UTF-8 bytes (Instagram).
        case bytes
    }

    var max: Int
    var unit: Unit

    func allows(_ text: String) -> Bool {
        switch unit {
        case .characters: text.unicodeScalars.count <= max
        case .bytes: text.utf8.count <= max
        }
    }
}

/// One row of SPEC 8 as it holds for one channel account: data, which its tenant may change (C28, C48).
struct ChannelRules: Hashable, Sendable {
    /// Free-form window after the customer's last message; `nil`: none.
    var replyWindow: Duration?
    /// Longer window for people, not for bots; `nil`: off.
    var humanAgentWindow: Duration?
    var businessStart: BusinessInitiative
    var businessResume: BusinessInitiative
    var expiresWithWindow: Bool
    var expiresWithoutAgent: Bool
    /// Weight against the agent's limit, 0 to 100 (C10).
    var weight: Int32
    /// `nil`: no limit of the channel.
    var textLimit: TextLimit?
    /// Kinds without an entry are rejected.
    var attachments: [AttachmentKind: AttachmentRule]
    var quotes: Bool
    var reactions: Bool
    var cards: Bool
    var typing: Bool
    /// Of a channel of the tenant's own, and of no other: 1 to 40 characters.
    var channelName = ""

    /// The window of a sender (SPEC 8: the extension is for people only).
    func window(bot: Bool) -> Duration? {
        guard let replyWindow else { return nil }
        return bot ? replyWindow : max(replyWindow, humanAgentWindow ?? replyWindow)
    }
}

extension ChannelRules {
    static let nameMax = 40
    static let day: Duration = .seconds(86_400)
    static let windowRange: ClosedRange<Duration> = .seconds(60) ... .seconds(365 * 86_400)
    static let megabyte: Int32 = 1_048_576

    /// The row a new account begins with: SPEC 8, sizes of CHANNELS 2.6 to 5.
    static func standard(for kind: ChannelKind) -> ChannelRules {
        switch kind {
        case .whatsapp:
            ChannelRules(
                replyWindow: day, businessStart: .template, businessResume: .template, expiresWithWindow: true,
                expiresWithoutAgent: false, weight: 1, textLimit: TextLimit(max: 4_096, unit: .characters),
                attachments: [
                    .image: AttachmentRule(permission: .allowed, bytesMax: 5 * megabyte),
                    .video: AttachmentRule(permission: .allowed, bytesMax: 16 * megabyte),
                    .audio: AttachmentRule(permission: .allowed, bytesMax: 16 * megabyte),
                    .pdf: AttachmentRule(permission: .allowed, bytesMax: 100 * megabyte),
                    .csv: AttachmentRule(permission: .allowed, bytesMax: 100 * megabyte),
                    .document: AttachmentRule(permission: .allowed, bytesMax: 100 * megabyte),
                ], quotes: true, reactions: true, cards: true, typing: true)
        case .facebook:
            ChannelRules(
                replyWindow: day, businessStart: .rejected, businessResume: .rejected, expiresWithWindow: true,
                expiresWithoutAgent: false, weight: 1, textLimit: TextLimit(max: 2_000, unit: .characters),
                attachments: sendable([.image, .video, .audio, .document], bytesMax: 25 * megabyte),
                quotes: true, reactions: true, cards: false, typing: true)
        case .instagram:
            ChannelRules(
                replyWindow: day, businessStart: .rejected, businessResume: .rejected, expiresWithWindow: true,
                expiresWithoutAgent: false, weight: 1, textLimit: TextLimit(max: 1_000, unit: .bytes),
                attachments: sendable([.video, .audio], bytesMax: 25 * megabyte)
                    .merging(sendable([.image], bytesMax: 8 * megabyte)) { _, new in new },
                quotes: true, reactions: true, cards: false, typing: true)
        case .webchat:
            ChannelRules(
                replyWindow: nil, businessStart: .liveSession, businessResume: .rejected, expiresWithWindow: false,
                expiresWithoutAgent: true, weight: 1, textLimit: TextLimit(max: 10_000, unit: .characters),
                attachments: sendable([.image, .video, .document], bytesMax: 25 * megabyte),
                quotes: false, reactions: false, cards: false, typing: true)
        case .email:
            ChannelRules(
                replyWindow: nil, businessStart: .allowed, businessResume: .allowed, expiresWithWindow: false,
                expiresWithoutAgent: false, weight: 0, textLimit: nil,
                attachments: sendable(AttachmentKind.allCases, as: .asFile, bytesMax: 25 * megabyte),
                quotes: false, reactions: false, cards: false, typing: false)
        case .other:
            // Nothing is allowed but a text as an answer, until the row says so.
            ChannelRules(
                replyWindow: nil, businessStart: .rejected, businessResume: .rejected, expiresWithWindow: false,
                expiresWithoutAgent: false, weight: 1, textLimit: nil, attachments: [:],
                quotes: false, reactions: false, cards: false, typing: false)
        }
    }

    private static func sendable(
        _ kinds: [AttachmentKind], as permission: AttachmentPermission = .allowed, bytesMax: Int32
    ) -> [AttachmentKind: AttachmentRule] {
        Dictionary(uniqueKeysWithValues: kinds.map { ($0, AttachmentRule(permission: permission, bytesMax: bytesMax)) })
    }
}
