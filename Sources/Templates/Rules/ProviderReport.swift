import WallTime

/// What a provider said of a template.
struct ProviderReport: Sendable, Hashable, Codable {
    var verdict: ProviderVerdict?
    var category: TemplateCategory?
    var announcedCategory: TemplateCategory?
    var quality: TemplateQuality?
    var rejectionReason: RejectionReason?
    var detail = ""
    var disableTime: Instant?
    /// By the provider's clock.
    var providerTime: Instant
    var providerReference = ""
    /// The revision that it answers; `nil`: not said.
    var revision: Int?

    static let detailLengthMax = 1_000
    static let referenceLengthMax = 200

    /// Says something at all.
    var isEmpty: Bool {
        verdict == nil && category == nil && announcedCategory == nil && quality == nil && providerReference.isEmpty
    }
}

/// How customers receive a template. The raw values stand in the database.
enum TemplateQuality: String, Sendable, Hashable, Codable, CaseIterable {
    case unknown, green, yellow, red
}

/// Why a provider refused a template. The raw values stand in the database.
enum RejectionReason: String, Sendable, Hashable, Codable, CaseIterable {
    case none
    case abusiveContent = "abusive_content"
    case invalidFormat = "invalid_format"
    case promotional
    case tagContentMismatch = "tag_content_mismatch"
    case scam, other
}

extension ProviderVerdict {
    /// Deleting is not taken back, whatever was said later of the time before.
    var finality: Int {
        switch self {
        case .deleted: 2
        case .pendingDeletion: 1
        default: 0
        }
    }

    /// Of two at one time the worse one counts.
    var rank: Int {
        switch self {
        case .pending: 0
        case .inAppeal: 1
        case .flagged: 2
        case .approved, .reinstated, .unarchived: 3
        case .locked: 4
        case .archived: 5
        case .limitExceeded: 6
        case .rejected: 7
        case .paused: 8
        case .disabled: 9
        case .pendingDeletion: 10
        case .deleted: 11
        }
    }

    /// Tells of the status, beside warnings and locks.
    var isOfStatus: Bool { self != .flagged && self != .locked }
    /// Can be sent again.
    var isOfApproval: Bool { [.approved, .reinstated, .unarchived].contains(self) }
}
