import FoundationEssentials
import WallTime

/// One template in one language, on one channel account.
struct Template: Sendable, Hashable {
    let id: TemplateID
    let accountID: UUID
    let name: String
    let language: TemplateLanguage
    var content: TemplateContent
    var provider: ProviderState
    /// Counts the versions of the content, from 1.
    var revision: Int32 = 1
    /// Lines of its history.
    var historyCount: Int32 = 0
    /// It was approved once: its name stays blocked for a while when it is deleted.
    var wasApproved = false
    var submitTime: Instant?
    /// Set once it is deleted: when its name can be used again.
    var nameReleaseTime: Instant?
    let createTime: Instant
    var updateTime: Instant
    /// Counts the changes, from 1. It is the etag.
    var version: Int64 = 1

    var status: TemplateStatus { provider.status }
    var category: TemplateCategory { provider.category.value }
    var variables: [TemplateVariable] { content.variables(category) }

    /// What the gallery's search looks at.
    var searchText: String {
        SearchText.folded(
            ([name, content.header?.text ?? "", content.body?.text ?? "", content.footer] + content.buttons.map(\.text))
                .joined(separator: "\n"))
    }
}

extension Template {
    /// Takes over what the table of its life made of it, and what follows from that.
    mutating func settle(at now: Instant) {
        if status == .approved { wasApproved = true }
        if status == .deleted, nameReleaseTime == nil {
            nameReleaseTime = wasApproved ? now.advanced(by: EditLimits.nameBlock) : now
        }
    }
}

/// One line of a template's history.
struct TemplateHistoryEntry: Sendable, Hashable {
    /// The raw values stand in the database.
    enum Change: String, Sendable, Hashable, CaseIterable {
        case created, edited, submitted, deleted, reported
    }

    var seq: Int32
    var templateID: TemplateID
    var change: Change
    var actor: String
    var recordTime: Instant
    var revision: Int32
    var statusBefore: TemplateStatus?
    var statusAfter: TemplateStatus
    var categoryBefore: TemplateCategory?
    var categoryAfter: TemplateCategory
    var qualityBefore: TemplateQuality?
    var qualityAfter: TemplateQuality?
    var report: ProviderReport?
    var ignoredReason: IgnoredReason?
}

extension ProviderReport {
    /// The same for reports that say the same of the same time, whatever else they carry.
    var key: String {
        [
            "\(providerTime.microseconds)", verdict?.rawValue ?? "", category?.rawValue ?? "", announcedCategory?.rawValue ?? "",
            quality?.rawValue ?? "", revision.map { "\($0)" } ?? "",
        ].joined(separator: "|")
    }
}
