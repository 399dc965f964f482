import TemplatesV1

// Words of the domain as words of the contract, and back. `init?` gives nothing for unspecified, and for what a newer release knows.

extension TemplateStatus {
    var wire: TemplatesV1.TemplateStatus {
        switch self {
        case .draft: .draft
        case .submitted: .submitted
        case .pending: .pending
        case .approved: .approved
        case .rejected: .rejected
        case .paused: .paused
        case .disabled: .disabled
        case .inAppeal: .inAppeal
        case .pendingDeletion: .pendingDeletion
        case .deleted: .deleted
        case .limitExceeded: .limitExceeded
        case .archived: .archived
        }
    }

    init?(_ wire: TemplatesV1.TemplateStatus) { self.init(where: { $0.wire == wire }) }
}

extension TemplateCategory {
    var wire: TemplatesV1.TemplateCategory {
        switch self {
        case .marketing: .marketing
        case .utility: .utility
        case .authentication: .authentication
        }
    }

    init?(_ wire: TemplatesV1.TemplateCategory) { self.init(where: { $0.wire == wire }) }
}

extension VariableFormat {
    var wire: TemplatesV1.VariableFormat {
        switch self {
        case .positional: .positional
        case .named: .named
        }
    }

    init?(_ wire: TemplatesV1.VariableFormat) { self.init(where: { $0.wire == wire }) }
}

extension HeaderFormat {
    var wire: TemplatesV1.HeaderFormat {
        switch self {
        case .text: .text
        case .image: .image
        case .video: .video
        case .document: .document
        case .location: .location
        }
    }

    init?(_ wire: TemplatesV1.HeaderFormat) { self.init(where: { $0.wire == wire }) }
}

extension ButtonKind {
    var wire: TemplatesV1.ButtonKind {
        switch self {
        case .quickReply: .quickReply
        case .url: .url
        case .phoneNumber: .phoneNumber
        case .copyCode: .copyCode
        case .otp: .otp
        case .flow: .flow
        }
    }

    init?(_ wire: TemplatesV1.ButtonKind) { self.init(where: { $0.wire == wire }) }
}

extension TemplateQuality {
    var wire: TemplatesV1.TemplateQuality {
        switch self {
        case .unknown: .unknown
        case .green: .green
        case .yellow: .yellow
        case .red: .red
        }
    }

    init?(_ wire: TemplatesV1.TemplateQuality) { self.init(where: { $0.wire == wire }) }
}

extension RejectionReason {
    var wire: TemplatesV1.RejectionReason {
        switch self {
        case .none: .none
        case .abusiveContent: .abusiveContent
        case .invalidFormat: .invalidFormat
        case .promotional: .promotional
        case .tagContentMismatch: .tagContentMismatch
        case .scam: .scam
        case .other: .other
        }
    }

    init?(_ wire: TemplatesV1.RejectionReason) { self.init(where: { $0.wire == wire }) }
}

extension ProviderVerdict {
    var wire: TemplatesV1.ProviderVerdict {
        switch self {
        case .pending: .pending
        case .approved: .approved
        case .rejected: .rejected
        case .paused: .paused
        case .disabled: .disabled
        case .inAppeal: .inAppeal
        case .pendingDeletion: .pendingDeletion
        case .deleted: .deleted
        case .limitExceeded: .limitExceeded
        case .archived: .archived
        case .flagged: .flagged
        case .reinstated: .reinstated
        case .unarchived: .unarchived
        case .locked: .locked
        }
    }

    init?(_ wire: TemplatesV1.ProviderVerdict) { self.init(where: { $0.wire == wire }) }
}

extension TemplateHistoryEntry.Change {
    var wire: TemplatesV1.TemplateChange {
        switch self {
        case .created: .created
        case .edited: .edited
        case .submitted: .submitted
        case .deleted: .deleted
        case .reported: .reported
        }
    }
}

extension TemplateEvent.Kind {
    var wire: TemplatesV1.TemplateEventKind {
        switch self {
        case .created: .created
        case .edited: .edited
        case .submitted: .submitted
        case .deletionRequested: .deletionRequested
        case .statusChanged: .statusChanged
        case .categoryChanged: .categoryChanged
        case .qualityChanged: .qualityChanged
        case .snippetCreated: .snippetCreated
        case .snippetUpdated: .snippetUpdated
        case .snippetRemoved: .snippetRemoved
        }
    }
}

extension SnippetMatchRule {
    var wire: TemplatesV1.SnippetMatchRule {
        switch self {
        case .shortcut: .shortcut
        case .shortcutPrefix: .shortcutPrefix
        case .title: .title
        case .any: .any
        }
    }
}

extension CaseIterable {
    /// The case that is meant, if one is.
    fileprivate init?(where isMeant: (Self) -> Bool) {
        guard let found = Self.allCases.first(where: isMeant) else { return nil }
        self = found
    }
}
