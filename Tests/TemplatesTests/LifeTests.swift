import FoundationEssentials
import Postgres
import TemplatesV1
import Testing
import WallTime

@testable import Templates

@Suite("Templates and their life at the provider")
struct LifeTests {
    @Test("guarantee 14: draft, submission, verdict and pause are told, and kept as history with category and quality")
    func G14_history() async throws {
        try await withTemplates { templates in
            let created = try await templates.create(templates.draft())
            #expect(created.status == .draft && !created.sendable && created.etag == "\"1\"")
            #expect(created.variables.map(\.key) == ["1", "2"])
            let id = created.templateID
            try await templates.submit(id)
            templates.clock.advance(by: .seconds(5))
            try await templates.report(.pending, of: id) { $0.providerReference = "900" }
            templates.clock.advance(by: .seconds(60))
            try await templates.report(.approved, of: id)
            templates.clock.advance(by: .seconds(60))
            try await templates.report(.unspecified, of: id) { $0.quality = .yellow }
            try await templates.report(.unspecified, of: id) { $0.category = .marketing }
            templates.clock.advance(by: .seconds(60))
            try await templates.report(.paused, of: id) { $0.detail = "FIRST_PAUSE" }

            let now = try await templates.get(id)
            #expect(now.status == .paused && now.quality == .yellow && now.category == .marketing && !now.sendable)
            #expect(now.previousCategory == .utility && now.pauseCount == 1 && now.statusDetail == "FIRST_PAUSE")
            #expect(now.providerReference == "900" && now.pauseEndTime != nil)
            let history = try await templates.history(id).reversed()
            #expect(
                history.map(\.change) == [.created, .submitted, .reported, .reported, .reported, .reported, .reported])
            #expect(history.map(\.seq) == Array(1...7))
            #expect(
                history.map(\.statusAfter) == [.draft, .submitted, .pending, .approved, .approved, .approved, .paused])
            #expect(history.map(\.qualityAfter).suffix(3) == [.yellow, .yellow, .yellow])
            #expect(history.map(\.categoryBefore).last == .marketing && history.last?.actor == "service:channels")
            #expect(
                try await templates.events().map(\.kind) == [
                    .created, .submitted, .statusChanged, .statusChanged, .qualityChanged, .categoryChanged, .statusChanged,
                ])
        }
    }

    @Test("the same verdict twice is kept once; a late one is kept and changes nothing, not even the version")
    func twiceAndLate() async throws {
        try await withTemplates { templates in
            let template = try await templates.approved()
            let report = TemplatesV1.ProviderReport(verdict: .approved, providerTime: .init(templates.clock.now))
            for _ in 0..<3 {
                let answer = try await templates.service.reportTemplateStatus(
                    .init(templateID: template.templateID, report: report),
                    templates.call(TemplatesFixture.Methods.reportTemplateStatus, by: .channels))
                #expect(answer.ignoredReason == "UNCHANGED" && answer.template?.etag == template.etag)
            }
            let late = try await templates.report(.pending, of: template.templateID, ago: .seconds(30))
            #expect(late.ignoredReason == "STALE" && late.template == template)
            let history = try await templates.history(template.templateID)
            #expect(history.count == 4)
            #expect(history.first?.ignoredReason == "STALE" && history.first?.statusAfter == .approved)
        }
    }

    @Test("32 reports at once, each twice, from two replicas: one end, no line lost, none twice")
    func raceOfReports() async throws {
        try await withTemplates { templates in
            let created = try await templates.create(templates.draft())
            try await templates.submit(created.templateID)
            templates.clock.advance(by: .seconds(100))
            let verdicts = TemplatesV1.ProviderVerdict.allCases.filter {
                ![.unspecified, .deleted, .pendingDeletion].contains($0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        _ = try await templates.report(
                            verdicts[(number / 2) % verdicts.count], of: created.templateID, ago: .seconds(50 - number / 2))
                    }
                }
                try await group.waitForAll()
            }
            // The last of them by the provider's time.
            let last = ProviderVerdict.allCases.first { $0.wire == verdicts[31 % verdicts.count] }
            let history = try await templates.history(created.templateID)
            #expect(history.count == 2 + 32 && Set(history.map(\.seq)).count == 34)
            let now = try await templates.get(created.templateID)
            let outcome = last.map { Lifecycle.decide(.submitted, .verdict($0)) }
            #expect(outcome.map { "\($0)" }?.contains("\(now.status)") == true)
        }
    }

    @Test("an edit of an approved one goes to review at once, and is not sent meanwhile; a submit against it has one winner")
    func edits() async throws {
        try await withTemplates { templates in
            let template = try await templates.approved()
            var edited = template
            edited.body?.text = "Dear {{1}}, order {{2}} is on its way."
            let now = try await templates.update(edited, etag: template.etag)
            #expect(now.status == .submitted && now.revision == 2 && !now.sendable)
            #expect(
                await refusal { _ = try await templates.render(template.templateID) }
                    == "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED")
            #expect(await refusal { try await templates.update(edited, etag: template.etag) } == "ABORTED ETAG_MISMATCH")
            #expect(await refusal { try await templates.submit(now.templateID) } == "FAILED_PRECONDITION TEMPLATE_STATE_FORBIDS")
            // The old content's approval, told late, is none of the new one.
            let old = try await templates.report(.approved, of: now.templateID, ago: .seconds(1))
            #expect(old.ignoredReason == "STALE" && old.template?.status == .submitted)
            templates.clock.advance(by: .seconds(60))
            #expect(try await templates.report(.approved, of: now.templateID).template?.sendable == true)
            edited.body?.text = "Hello {{1}}, order {{2}} is here."
            #expect(await refusal { try await templates.update(edited) } == "RESOURCE_EXHAUSTED TEMPLATE_EDITS_MAX")
            templates.clock.advance(by: .seconds(86_400))
            #expect(try await templates.update(edited).revision == 3)
        }
    }

    @Test("of two edits at once with one etag, one wins and the other is told")
    func raceOfEdits() async throws {
        try await withTemplates { templates in
            let created = try await templates.create(templates.draft())
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var edited = created
                        edited.footer = "Store \(number)"
                        return await refusal { try await templates.update(edited, etag: created.etag) }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == ["": 1, "ABORTED ETAG_MISMATCH": 7])
            #expect(try await templates.get(created.templateID).revision == 2)
        }
    }

    @Test("a lock of the provider's, or a state in which nothing can be done, is told with its reason")
    func refusals() async throws {
        try await withTemplates { templates in
            let template = try await templates.approved()
            templates.clock.advance(by: .seconds(1))
            try await templates.report(.locked, of: template.templateID)
            var edited = template
            edited.footer = "New"
            #expect(await refusal { try await templates.update(edited) } == "FAILED_PRECONDITION TEMPLATE_LOCKED")
            templates.clock.advance(by: .seconds(1))
            try await templates.report(.disabled, of: template.templateID)
            #expect(await refusal { try await templates.update(edited) } == "FAILED_PRECONDITION TEMPLATE_STATE_FORBIDS")
            #expect(
                await refusal { try await templates.update(edited, mask: ["nonsense"]) }
                    == "INVALID_ARGUMENT UPDATE_MASK_INVALID update_mask")
            edited.footer = String(repeating: "a", count: 61)
            #expect(await refusal { try await templates.update(edited) } == "INVALID_ARGUMENT TEMPLATE_INVALID template.footer")
        }
    }

    @Test("a name is unique while it lives; once approved and deleted it is blocked for 30 days")
    func names() async throws {
        try await withTemplates { templates in
            let template = try await templates.approved()
            let taken = await refusal { _ = try await templates.create(templates.draft()) }
            #expect(taken == "ALREADY_EXISTS TEMPLATE_NAME_TAKEN")
            #expect(try await templates.create(templates.draft(language: "pt-BR")).language == "pt_BR")
            try await templates.delete(template.templateID)
            #expect(try await templates.get(template.templateID).status == .pendingDeletion)
            #expect(
                await refusal { try await templates.delete(template.templateID) } == "FAILED_PRECONDITION TEMPLATE_STATE_FORBIDS")
            templates.clock.advance(by: .seconds(10))
            #expect(try await templates.report(.deleted, of: template.templateID).template?.status == .deleted)
            #expect(
                await refusal { _ = try await templates.create(templates.draft()) } == "FAILED_PRECONDITION TEMPLATE_NAME_BLOCKED"
            )
            templates.clock.advance(by: .seconds(30 * 86_400))
            let again = try await templates.create(templates.draft())
            #expect(again.templateID != template.templateID)
            // What the provider says by name is now of the new one, which it does not have.
            let report = TemplatesV1.ProviderReport(verdict: .approved, providerTime: .init(templates.clock.now))
            let answer = try await templates.service.reportTemplateStatus(
                .init(
                    channelAccountID: templates.people.accountID.text, name: "order_update", language: "en-US", report: report),
                templates.call(TemplatesFixture.Methods.reportTemplateStatus, by: .channels))
            #expect(answer.template?.templateID == again.templateID && answer.ignoredReason == "NOT_SUBMITTED")
            try await templates.delete(again.templateID)
            #expect(try await templates.create(templates.draft()).status == .draft)
        }
    }

    @Test("of sixteen who create one name at once, one does")
    func raceOfNames() async throws {
        try await withTemplates { templates in
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 {
                    group.addTask { await refusal { _ = try await templates.create(templates.draft()) } }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == ["": 1, "ALREADY_EXISTS TEMPLATE_NAME_TAKEN": 15])
        }
    }

    @Test("an account submits 100 in an hour, whoever counts at the same time")
    func submissions() async throws {
        try await withTemplates { templates in
            var ids: [String] = []
            for number in 0..<102 { ids.append(try await templates.create(templates.draft("order_\(number)")).templateID) }
            for id in ids.prefix(96) { try await templates.submit(id) }
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for id in ids.suffix(6) { group.addTask { await refusal { try await templates.submit(id) } } }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == ["": 4, "RESOURCE_EXHAUSTED TEMPLATE_SUBMISSIONS_MAX": 2])
            templates.clock.advance(by: .seconds(3_601))
            for id in ids.suffix(6) where try await templates.get(id).status == .draft { try await templates.submit(id) }
        }
    }

    @Test("a repeated request has one effect; another tenant's template is as unknown as nobody's")
    func repetitionAndTenants() async throws {
        try await withTemplates { templates in
            let requestID = UUID().text
            let context = templates.call(TemplatesFixture.Methods.createTemplate)
            let request = CreateTemplateRequest(template: templates.draft(), requestID: requestID)
            let one = try await templates.service.createTemplate(request, context)
            #expect(try await templates.service.createTemplate(request, context) == one)
            var other = request
            other.template?.footer = "x"
            #expect(
                await refusal { _ = try await templates.service.createTemplate(other, context) }
                    == "FAILED_PRECONDITION REQUEST_ID_REUSED")
            let id = try #require(one.template?.templateID)
            #expect(await refusal { _ = try await templates.get(id, by: .stranger) } == "NOT_FOUND TEMPLATE_NOT_FOUND")
            #expect(try await templates.list(by: .stranger).templates == [])
            // The second fence: without a tenant nothing is seen, whatever the query says.
            for table in ["template", "template_history", "snippet"] {
                let rows = try await templates.pool.query("select count(*) from templates.\(identifier: table)")
                #expect(try rows[0].decode(Int.self) == 0)
            }
        }
    }
}
