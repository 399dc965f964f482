/// Where a template stands. The raw values stand in the database.
enum TemplateStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case draft, submitted, pending, approved, rejected, paused, disabled
    case inAppeal = "in_appeal"
    case pendingDeletion = "pending_deletion"
    case deleted
    case limitExceeded = "limit_exceeded"
    case archived

    /// Nothing else can be sent (guarantee 14).
    var isSendable: Bool { self == .approved }
    /// The provider holds it, or is about to.
    var isAtProvider: Bool { ![.draft, .deleted, .limitExceeded].contains(self) }
}

/// What a provider says of a template's status. The raw values stand in the database.
enum ProviderVerdict: String, Sendable, Hashable, Codable, CaseIterable {
    case pending, approved, rejected, paused, disabled
    case inAppeal = "in_appeal"
    case pendingDeletion = "pending_deletion"
    case deleted
    case limitExceeded = "limit_exceeded"
    case archived, flagged, reinstated, unarchived, locked
}

/// What can happen to a template.
enum LifecycleEvent: Sendable, Hashable, CaseIterable {
    /// By people.
    case edit, submit, delete
    /// By the provider.
    case verdict(ProviderVerdict)

    static let allCases: [LifecycleEvent] = [.edit, .submit, .delete] + ProviderVerdict.allCases.map { .verdict($0) }
}

/// The whole life of a template as one table: every status x event has an answer.
enum Lifecycle {
    enum Outcome: Sendable, Hashable {
        case to(TemplateStatus)
        /// Refused to people.
        case refused
        /// A provider's word that nothing follows from.
        case ignored(IgnoredReason)
    }

    static func decide(_ status: TemplateStatus, _ event: LifecycleEvent) -> Outcome {
        switch event {
        case .edit: edit(status)
        case .submit: [.draft, .limitExceeded].contains(status) ? .to(.submitted) : .refused
        case .delete: delete(status)
        case .verdict(let verdict): self.verdict(status, verdict)
        }
    }

    /// The provider takes edits of what it has judged, and reviews them anew.
    private static func edit(_ status: TemplateStatus) -> Outcome {
        switch status {
        case .draft, .limitExceeded: .to(.draft)
        case .approved, .rejected, .paused: .to(.submitted)
        case .submitted, .pending, .disabled, .inAppeal, .pendingDeletion, .deleted, .archived: .refused
        }
    }

    private static func delete(_ status: TemplateStatus) -> Outcome {
        switch status {
        case .draft, .limitExceeded: .to(.deleted)
        case .pendingDeletion, .deleted: .refused
        case .submitted, .pending, .approved, .rejected, .paused, .disabled, .inAppeal, .archived: .to(.pendingDeletion)
        }
    }

    private static func verdict(_ status: TemplateStatus, _ verdict: ProviderVerdict) -> Outcome {
        switch (status, verdict) {
        // A template of that name at the provider is none of ours.
        case (.draft, _): .ignored(.notSubmitted)
        case (.deleted, _): .ignored(.deleted)
        case (.pendingDeletion, .deleted): .to(.deleted)
        case (.pendingDeletion, _): .ignored(.deleted)
        case (_, .flagged), (_, .locked): .to(status)
        case (_, .approved), (_, .reinstated), (_, .unarchived): .to(.approved)
        case (_, .pending): .to(.pending)
        case (_, .rejected): .to(.rejected)
        case (_, .paused): .to(.paused)
        case (_, .disabled): .to(.disabled)
        case (_, .inAppeal): .to(.inAppeal)
        case (_, .pendingDeletion): .to(.pendingDeletion)
        case (_, .deleted): .to(.deleted)
        case (_, .limitExceeded): .to(.limitExceeded)
        case (_, .archived): .to(.archived)
        }
    }
}

/// Why nothing follows from a provider's report. The raw values are those of the contract.
enum IgnoredReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// Something newer is known.
    case stale = "STALE"
    /// A draft of ours.
    case notSubmitted = "NOT_SUBMITTED"
    /// It is gone, or going.
    case deleted = "DELETED"
    /// It said what was known.
    case unchanged = "UNCHANGED"
}
