import FoundationEssentials
import GRPC
import ServiceRuntime
import TemplatesV1
import Testing

@testable import Templates

@Suite("Who set what in templates")
struct AuditTests {
    @Test("P7: what people did to templates and snippets leaves who, what, when and which fields; the provider leaves no line")
    func P7_trail() async throws {
        try await withTemplates { templates in
            let template = try await templates.create(templates.draft())
            var changed = template
            changed.body?.text = "Hello {{1}}, order {{2}} shipped."
            templates.clock.advance(by: .seconds(1))
            try await templates.update(changed, mask: ["body"])
            try await templates.update(changed, mask: ["body"])
            templates.clock.advance(by: .seconds(1))
            try await templates.submit(template.templateID)
            templates.clock.advance(by: .seconds(1))
            try await templates.report(.approved, of: template.templateID)
            let snippet = try await templates.snippet("hello")
            #expect(await refusal { _ = try await templates.snippet("hello") } != "")

            let trail = try await templates.trail()
            #expect(trail.map(\.action) == ["CreateSnippet", "SubmitTemplate", "UpdateTemplate", "CreateTemplate"])
            let id = template.templateID
            #expect(trail.map(\.subject) == [snippet.snippetID, id, id, id])
            #expect(trail.map(\.changedPaths) == [[], [], ["body"], []])
            #expect(trail.allSatisfy { $0.actor.hasPrefix("agent:") && $0.onBehalfOf.isEmpty })
            #expect(try await templates.trail(.init(subject: snippet.snippetID)).count == 1)
            #expect(try await templates.trail(.init(endTime: .init(templates.clock.now))).count == 3)
            #expect(try await templates.trail(by: .stranger).isEmpty)
        }
    }
}

extension TemplatesFixture {
    fileprivate func trail(
        _ request: ListAuditEntriesRequest = .init(), by caller: Caller = .admin
    ) async throws -> [AuditEntry] {
        try await service.listAuditEntries(request, call(Methods.listAuditEntries, by: caller)).auditEntries
    }
}
