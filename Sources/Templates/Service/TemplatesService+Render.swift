import FoundationEssentials
import GRPC
import ServiceRuntime
import TemplatesV1

extension TemplatesService {
    func renderTemplate(_ request: RenderTemplateRequest, _ context: ServerContext) async throws -> RenderTemplateResponse {
        var reading = RequestReading()
        let wish = reading.wish(request)
        let values = reading.values(request)
        try reading.finish()

        let template = try await surroundings.reading(context) { transaction, tenantID in
            try await wish.template(in: TemplateStore(transaction: transaction, tenantID: tenantID))
        }
        guard template.status.isSendable else { throw TemplatesError.notApproved(template.status, template.id) }
        do {
            let rendered = try Rendering.render(template.content, template.category, values)
            return RenderTemplateResponse(rendered: template.wire(rendered))
        } catch {
            throw TemplatesError.paramMismatch(error.problems)
        }
    }
}

/// Which template is wanted, and in which language.
struct TemplateWish: Sendable, Hashable {
    var id: TemplateID
    var accountID: UUID?
    var locales: [TemplateLanguage]
}

extension TemplateWish {
    /// - Throws: a refusal if there is none, or none in these languages.
    func template(in store: TemplateStore) async throws -> Template {
        guard let named = try await store.template(id) else { throw TemplatesError.templateNotFound(id.description) }
        if let accountID, accountID != named.accountID {
            throw TemplatesError.accountMismatch(named.id, ofAccount: named.accountID)
        }
        let siblings = locales.isEmpty ? [] : try await store.siblings(named.accountID, named.name)
        // A deleted one has no language to choose from: what it is, its status tells.
        return siblings.isEmpty ? named : try chosen(from: siblings, named)
    }

    /// C59: of all languages of the template the one that serves best.
    private func chosen(from siblings: [Template], _ named: Template) throws(TemplatesError) -> Template {
        let candidates = siblings.map { LanguageChoice.Candidate(language: $0.language, isUsable: $0.status.isSendable) }
        guard let choice = LanguageChoice.choose(candidates, for: locales),
            let template = siblings.first(where: { $0.language == choice.language })
        else {
            throw .languageUnavailable(name: named.name, languages: siblings.map(\.language.description))
        }
        return template
    }
}

extension RequestReading {
    fileprivate mutating func wish(_ request: RenderTemplateRequest) -> TemplateWish {
        TemplateWish(
            id: id(request.templateID, "template_id"),
            accountID: optionalUUID(request.channelAccountID, "channel_account_id"),
            locales: locales(request.locales, "locales"))
    }
}
