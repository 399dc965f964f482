import FoundationEssentials
import ServiceRuntime
import WallTime

/// What people and the provider do to templates: each step is judged by the table of its life, stored, kept as history and told.
extension Changes {
    /// The template, locked, if it is of the expected version (`nil`: of any).
    func locked(_ id: TemplateID, version: Int64? = nil) async throws -> Template {
        guard let template = try await templates.lockedTemplate(id) else {
            throw TemplatesError.templateNotFound(id.description)
        }
        guard version == nil || version == template.version else { throw TemplatesError.etagMismatch }
        return template
    }

    func create(_ draft: TemplateDraft) async throws -> Template {
        try await templates.lockAccount(draft.accountID)
        if let until = try await templates.nameBlock(draft.accountID, draft.name, now: now) {
            throw TemplatesError.nameBlocked(until: until)
        }
        guard try await templates.nameCount(draft.accountID, without: draft.name) < EditLimits.namesMax else {
            throw TemplatesError.namesMax
        }
        let template = Template(
            id: TemplateID(.v7(at: now)), accountID: draft.accountID, name: draft.name, language: draft.language,
            content: draft.content, provider: ProviderState(category: draft.category), createTime: now, updateTime: now)
        guard try await templates.insert(template) else {
            guard let holder = try await templates.templateID(draft.accountID, draft.name, draft.language) else {
                throw TemplatesError.etagMismatch
            }
            throw TemplatesError.nameTaken(by: holder)
        }
        return try await record(.created, template, from: nil, [.created])
    }

    func edit(_ template: Template, to content: TemplateContent, _ category: TemplateCategory) async throws -> Template {
        guard content != template.content || category != template.category else { return template }
        guard case .to(let status) = Lifecycle.decide(template.status, .edit) else { throw template.forbidden }
        guard !template.provider.locked.value else { throw TemplatesError.locked(template.id) }
        if template.status == .approved { try await mayEdit(template) }
        var edited = template
        edited.content = content
        edited.revision += 1
        edited.provider.ask(for: category, at: now)
        edited.provider.set(status, at: now)
        if status == .submitted { edited.submitTime = now }
        return try await record(.edited, edited, from: template, status == .submitted ? [.submitted] : [.edited])
    }

    private func mayEdit(_ template: Template) async throws {
        let since = now.advanced(by: .zero - EditLimits.thirtyDays)
        let edits = try await templates.approvedEdits(of: template.id, since: since)
        if let next = EditLimits.nextEdit(after: edits, now: now) {
            throw TemplatesError.editsMax(nextIn: now.duration(to: next))
        }
    }

    func submit(_ template: Template) async throws -> Template {
        guard case .to(let status) = Lifecycle.decide(template.status, .submit) else { throw template.forbidden }
        try await templates.lockAccount(template.accountID)
        let since = now.advanced(by: .zero - EditLimits.hour)
        let submissions = try await templates.submissions(of: template.accountID, since: since)
        if let next = EditLimits.nextSubmission(after: submissions, now: now) {
            throw TemplatesError.submissionsMax(nextIn: now.duration(to: next))
        }
        var submitted = template
        submitted.provider.set(status, at: now)
        submitted.submitTime = now
        return try await record(.submitted, submitted, from: template, [.submitted])
    }

    func delete(_ template: Template) async throws {
        guard case .to(let status) = Lifecycle.decide(template.status, .delete) else { throw template.forbidden }
        var deleted = template
        deleted.provider.set(status, at: now)
        _ = try await record(
            .deleted, deleted, from: template, status == .pendingDeletion ? [.deletionRequested] : [.statusChanged])
    }

    /// Takes what the provider says. The same report twice leaves one line in the history.
    func take(_ report: ProviderReport, of template: Template) async throws -> (template: Template, ignored: IgnoredReason?) {
        guard try await !templates.hasReport(report, of: template.id) else { return (template, .unchanged) }
        var reported = template
        let ignored = reported.provider.take(report, revision: Int(template.revision), now: now)
        let kinds = ignored == nil ? Self.news(from: template.provider, to: reported.provider) : []
        let recorded = try await record(.reported, reported, from: template, kinds, report: report, ignored: ignored)
        return (recorded, ignored)
    }

    private static func news(from old: ProviderState, to new: ProviderState) -> [TemplateEvent.Kind] {
        var kinds: [TemplateEvent.Kind] = []
        if old.standing.value != new.standing.value || old.flagged.value != new.flagged.value
            || old.locked.value != new.locked.value || old.providerReference != new.providerReference
        {
            kinds.append(.statusChanged)
        }
        if old.category.value != new.category.value || old.announcedCategory.value != new.announcedCategory.value {
            kinds.append(.categoryChanged)
        }
        if old.quality.value != new.quality.value { kinds.append(.qualityChanged) }
        return kinds
    }

    /// Stores the template with a line of its history, and tells what happened.
    private func record(
        _ change: TemplateHistoryEntry.Change, _ changed: Template, from old: Template?, _ kinds: [TemplateEvent.Kind],
        report: ProviderReport? = nil, ignored: IgnoredReason? = nil
    ) async throws -> Template {
        var template = changed
        template.historyCount += 1
        // What was ignored is kept, and changes no version: nothing that anybody read has changed, but perhaps the count of pauses.
        if let old, ignored == nil || old.provider.pauseCount != template.provider.pauseCount {
            template.version += 1
            template.updateTime = now
        }
        template.settle(at: now)
        let entry = TemplateHistoryEntry(
            seq: template.historyCount, templateID: template.id, change: change, actor: actor, recordTime: now,
            revision: template.revision, statusBefore: old?.status, statusAfter: template.status, categoryBefore: old?.category,
            categoryAfter: template.category, qualityBefore: old?.provider.quality.value,
            qualityAfter: template.provider.quality.value, report: report, ignoredReason: ignored)
        try await templates.append(entry)
        try await templates.update(template)
        try await tell(
            kinds.map {
                TemplateEvent(
                    kind: $0, subjectID: template.id.uuid, statusBefore: old?.status, statusAfter: template.status,
                    revision: template.revision)
            })
        return template
    }
}

extension Template {
    fileprivate var forbidden: TemplatesError { .stateForbids(status, id) }
}

/// What a template is made of.
struct TemplateDraft: Sendable, Hashable {
    var accountID: UUID
    var name: String
    var language: TemplateLanguage
    var category: TemplateCategory
    var content: TemplateContent
}
