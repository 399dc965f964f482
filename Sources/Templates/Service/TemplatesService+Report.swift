import FoundationEssentials
import GRPC
import ServiceRuntime
import TemplatesV1

extension TemplatesService {
    func reportTemplateStatus(
        _ request: ReportTemplateStatusRequest, _ context: ServerContext
    ) async throws -> ReportTemplateStatusResponse {
        var reading = RequestReading()
        let name = reading.meant(request.templateID, request.channelAccountID, request.name, request.language)
        let report = reading.report(request.report, "report")
        if !request.requestID.isEmpty { reading.requestID(request.requestID) }
        try reading.finish()

        // What a provider has decided is so, whoever may write here.
        return try await surroundings.changing(request, requestID: \.requestID, context, suspended: true) { changes in
            let id = try await changes.id(of: name)
            let (template, ignored) = try await changes.take(report, of: try await changes.locked(id))
            return ReportTemplateStatusResponse(template: template.wire, ignoredReason: ignored?.rawValue ?? "")
        }
    }
}

/// How a provider's report says which template it means.
enum MeantTemplate: Sendable, Hashable {
    case id(TemplateID)
    case name(TemplateName)
}

struct TemplateName: Sendable, Hashable {
    var accountID: UUID
    var name: String
    var language: TemplateLanguage
}

extension Changes {
    fileprivate func id(of meant: MeantTemplate?) async throws -> TemplateID {
        switch meant {
        case .id(let id): return id
        case .name(let name):
            guard let id = try await templates.templateID(name.accountID, name.name, name.language) else {
                throw TemplatesError.templateNotFound("\(name.name) (\(name.language))")
            }
            return id
        case nil: throw Failure.invalid("template_id", "is required")
        }
    }
}

extension RequestReading {
    fileprivate mutating func meant(
        _ id: String, _ account: String, _ name: String, _ language: String
    ) -> MeantTemplate? {
        text(name, "name", 0...ContentRules.nameLengthMax)
        let accountID = optionalUUID(account, "channel_account_id")
        let known = language.isEmpty ? nil : self.language(language, "language")
        guard id.isEmpty else { return .id(self.id(id, "template_id")) }
        guard !account.isEmpty || !name.isEmpty || !language.isEmpty else {
            note("template_id", "is required, or else channel_account_id, name and language")
            return nil
        }
        if accountID == nil { note("channel_account_id", "is required") }
        if name.isEmpty { note("name", "is required") }
        if language.isEmpty { note("language", "is required") }
        guard let accountID, let known else { return nil }
        return .name(TemplateName(accountID: accountID, name: name, language: known))
    }
}
