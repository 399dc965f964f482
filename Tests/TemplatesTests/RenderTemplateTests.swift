import FoundationEssentials
import GRPC
import Postgres
import ServiceDatabase
import TemplatesV1
import Testing

@testable import Templates

@Suite("The gallery, and rendering by RPC")
struct RenderTemplateTests {
    @Test(
        "C29, guarantee 14: nothing but an approved template renders, in every status",
        arguments: Templates.TemplateStatus.allCases)
    func C29_onlyApproved(_ status: Templates.TemplateStatus) async throws {
        try await withTemplates { templates in
            let template = try await templates.approved()
            _ = try await templates.pool.transaction(.tenant(templates.people.tenantID)) { transaction in
                let store = TemplateStore(transaction: transaction, tenantID: templates.people.tenantID)
                let id = try #require(TemplateID(template.templateID))
                var changed = try #require(try await store.template(id))
                changed.provider.set(status, at: templates.clock.now)
                changed.settle(at: templates.clock.now)
                try await store.update(changed)
            }
            let refused = await refusal { _ = try await templates.render(template.templateID) }
            #expect(refused == (status == .approved ? "" : "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED"))
        }
    }

    @Test("C29: wrong values are refused with component and variable; right ones give text and the provider's components")
    func C29_values() async throws {
        try await withTemplates { templates in
            let id = try await templates.approved().templateID
            let rendered = try await templates.render(id)
            #expect(
                rendered.text == "Hi Ana, order A-1 shipped." && rendered.name == "order_update" && rendered.language == "en_US")
            #expect(rendered.components.map(\.type) == ["body"])
            #expect(rendered.components.first?.parameters.map(\.text) == ["Ana", "A-1"])
            #expect(
                await refusal { _ = try await templates.render(id, ["1": "Ana", "3": "x"]) }
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH variables[2] variables[3]")
            #expect(await refusal { _ = try await templates.render(UUID().text) } == "NOT_FOUND TEMPLATE_NOT_FOUND")
        }
    }

    @Test("C59, C29: the language follows the contact, then the tenant; one that is not there is refused before anything else")
    func C59_language() async throws {
        try await withTemplates { templates in
            for (language, text) in [("en_US", "Hi {{1}}, order {{2}}."), ("pt_BR", "Oi {{1}}, pedido {{2}}.")] {
                _ = try await templates.approved(templates.draft(language: language, text: text))
            }
            let portuguese = try #require(try await templates.list(.init(languages: ["pt-BR"])).templates.first?.templateID)
            func text(_ locales: [String]) async throws -> String {
                try await templates.render(portuguese, locales: locales).text
            }
            #expect(try await text(["pt-BR", "en"]) == "Oi Ana, pedido A-1.")
            #expect(try await text(["pt-PT", "en"]) == "Oi Ana, pedido A-1.")
            #expect(try await text(["fr", "en-GB"]) == "Hi Ana, order A-1.")
            #expect(await refusal { _ = try await text(["fr", "de"]) } == "FAILED_PRECONDITION TEMPLATE_LANGUAGE_UNAVAILABLE")
            #expect(try await templates.render(portuguese).language == "pt_BR")
            #expect(try await templates.render(portuguese, locales: ["en"]).language == "en_US")
            let elsewhere = RenderTemplateRequest(templateID: portuguese, channelAccountID: UUID().text)
            let context = templates.call(TemplatesFixture.Methods.renderTemplate, by: .agent)
            #expect(
                await refusal { _ = try await templates.service.renderTemplate(elsewhere, context) }
                    == "FAILED_PRECONDITION TEMPLATE_ACCOUNT_MISMATCH")
        }
    }

    @Test("S35: the gallery is searched by text, account, language, category and status, and pages without gap or repetition")
    func S35_gallery() async throws {
        try await withTemplates { templates in
            for number in 0..<5 { _ = try await templates.create(templates.draft("order_\(number)")) }
            let shipped = try await templates.approved(templates.draft("shipped", text: "Olá {{1}}, a caminho: {{2}} 100%."))
            func names(_ request: ListTemplatesRequest) async throws -> [String] {
                try await templates.list(request).templates.map(\.name)
            }
            #expect(try await names(.init(sendableOnly: true)) == ["shipped"])
            for query in ["OLA", "100%", "%"] { #expect(try await names(.init(query: query)) == ["shipped"]) }
            #expect(try await names(.init(query: "order_")).count == 5)
            #expect(try await names(.init(statuses: [.draft])).count == 5)
            #expect(try await names(.init(statuses: [.deleted])) == [])
            #expect(try await names(.init(categories: [.marketing])) == [])
            #expect(try await names(.init(channelAccountID: UUID().text)) == [])
            var (found, token): ([String], String) = ([], "")
            repeat {
                let page = try await templates.list(.init(pageSize: 2, pageToken: token))
                found += page.templates.map(\.name)
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(found == (0..<5).map { "order_\($0)" } + ["shipped"])
            let first = try await templates.list().templates.first
            try await templates.delete(try #require(first?.templateID))
            #expect(try await names(.init()).count == 5)
            #expect(try await names(.init(statuses: [.deleted])) == ["order_0"])
            #expect(try await templates.get(shipped.templateID).sendable)
        }
    }

    @Test("a dry run tells all that is wrong at once, with component and variable")
    func validation() async throws {
        try await withTemplates { templates in
            var draft = templates.draft(text: "{{1}} and {{3}}")
            draft.footer = "{{1}}"
            let answer = try await templates.service.validateTemplate(
                .init(template: draft), templates.call(TemplatesFixture.Methods.validateTemplate))
            #expect(
                answer.problems.map { "\($0.field) \($0.component) \($0.variable) \($0.reason)" } == [
                    "template.body.text body 3 VARIABLE_NOT_CONTIGUOUS", "template.body.text body 1 VARIABLE_ALONE",
                    "template.body.text body 3 VARIABLE_ALONE", "template.footer footer 1 VARIABLE_FORBIDDEN",
                ])
            #expect(answer.variables.map(\.key) == ["1", "3"])
            #expect(try await templates.list().templates == [])
        }
    }
}
