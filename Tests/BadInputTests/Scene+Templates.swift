import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

extension Scene {
    /// What a scene with a template has in it.
    static func template(
        _ kind: Kind, of tenant: People.Tenant, on account: UUID? = nil, in place: Place, admin: CallOptions,
        channels: CallOptions
    ) async throws -> [String: String] {
        let client = TemplatesServiceClient(place.sides[4].channel)
        let created = try await client.createTemplate(
            CreateTemplateRequest(template: .example(on: account ?? tenant.account), requestID: UUID().text), admin)
        let id = try #require(created.template?.templateID)
        // A second line of its history.
        var now = try await client.updateTemplate(
            UpdateTemplateRequest(
                template: TemplatesV1.Template(templateID: id, footer: "Example"), requestID: UUID().text), admin
        ).template
        if kind == .approvedTemplate {
            _ = try await client.submitTemplate(SubmitTemplateRequest(templateID: id, requestID: UUID().text), admin)
            let report = ProviderReport(verdict: .approved, providerTime: Timestamp(.now.advanced(by: .seconds(1))))
            now = try await client.reportTemplateStatus(
                ReportTemplateStatusRequest(templateID: id, report: report), channels
            ).template
        }
        return ["template": id, "templateTag": now?.etag ?? ""]
    }

    /// What a scene with a snippet has in it.
    static func snippet(in place: Place, admin: CallOptions) async throws -> [String: String] {
        let client = SnippetsServiceClient(place.sides[4].channel)
        let created = try await client.createSnippet(
            CreateSnippetRequest(snippet: .example(), requestID: UUID().text), admin
        ).snippet
        return ["snippet": try #require(created?.snippetID), "snippetTag": created?.etag ?? ""]
    }
}

extension String {
    /// Another word each time, of letters and digits alone.
    static var word: String { UUID().text.replacing("-", with: "") }
}

extension TemplatesV1.Template {
    static func example(on account: UUID) -> Self {
        Self(
            channelAccountID: account.text, name: .word, language: "en_US", category: .utility,
            body: TemplateBody(text: "Hi {{1}}!", examples: [VariableExample(variable: "1", text: "Ana")]))
    }
}

extension TemplatesV1.Snippet {
    static func example() -> Self {
        Self(shortcut: .word, title: "Greeting", texts: [SnippetText(text: "Hi {{contact.first_name}}")])
    }
}
