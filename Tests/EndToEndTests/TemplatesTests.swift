import EndToEndSupport
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

/// Templates and snippets through the public contracts: two replicas of the service, and JSON at the edge.
@Suite("Templates", .serialized)
struct TemplatesTests {
    @Test("S35, C29, guarantee 14: a template is sent only once the provider has approved it, whichever replica is asked")
    func S35_C29_life() async throws {
        try await Self.running { desk in
            let (one, two) = (desk.templates[0], desk.templates[1])
            let created = try await one.createTemplate(desk.draft("order_update"), desk.admin).template
            let id = try #require(created?.templateID)
            let render = RenderTemplateRequest(templateID: id, variables: ["1": "Ana"])
            #expect(await desk.reason { _ = try await two.renderTemplate(render, desk.admin) } == "TEMPLATE_NOT_APPROVED")
            _ = try await two.submitTemplate(SubmitTemplateRequest(templateID: id, requestID: UUID().text), desk.admin)
            #expect(await desk.reason { _ = try await one.renderTemplate(render, desk.admin) } == "TEMPLATE_NOT_APPROVED")
            // The verdict twice at once, one to each replica, and a late word after it.
            let verdict = desk.report(.approved, of: id)
            async let first = one.reportTemplateStatus(verdict, desk.channels)
            async let second = two.reportTemplateStatus(verdict, desk.channels)
            let ignored = [try await first.ignoredReason, try await second.ignoredReason].sorted()
            #expect(ignored == ["", "UNCHANGED"])
            let before = Instant.now.advanced(by: .seconds(-60))
            let late = try await one.reportTemplateStatus(desk.report(.pending, of: id, at: before), desk.channels)
            #expect(late.ignoredReason == "STALE" && late.template?.sendable == true)
            #expect(try await two.renderTemplate(render, desk.admin).rendered?.text == "Hi Ana!")
            let wrong = RenderTemplateRequest(templateID: id, variables: ["2": "Ana"])
            #expect(await desk.reason { _ = try await two.renderTemplate(wrong, desk.admin) } == "TEMPLATE_PARAM_MISMATCH")
            let foreign = RenderTemplateRequest(templateID: id, locales: ["pt-BR"], variables: ["1": "Ana"])
            #expect(
                await desk.reason { _ = try await two.renderTemplate(foreign, desk.admin) } == "TEMPLATE_LANGUAGE_UNAVAILABLE")
            #expect(
                await desk.reason { _ = try await one.reportTemplateStatus(desk.report(.paused, of: id), desk.admin) }
                    == "CALLER_DENIED")
        }
    }

    @Test("Watch: whoever stops after any message and resumes at the other replica misses nothing and gets nothing twice")
    func watchResumes() async throws {
        try await Self.running { desk in
            for number in 0..<3 {
                let id = try #require(
                    try await desk.templates[0].createTemplate(desk.draft("t_\(number)"), desk.admin).template?.templateID)
                _ = try await desk.templates[1].submitTemplate(
                    SubmitTemplateRequest(templateID: id, requestID: UUID().text), desk.admin)
                _ = try await desk.templates[0].reportTemplateStatus(desk.report(.approved, of: id), desk.channels)
            }
            let whole = try await desk.events(at: 0, after: "", count: 9)
            let life: [TemplateEventKind] = [.created, .submitted, .statusChanged]
            #expect(whole.map(\.event.kind) == life + life + life)
            for (index, seen) in whole.enumerated() where index < 8 {
                let rest = try await desk.events(at: index % 2, after: seen.cursor, count: 8 - index)
                #expect(rest.map(\.event.eventID) == whole.dropFirst(index + 1).map(\.event.eventID))
            }
            #expect(await desk.reason { _ = try await desk.events(at: 0, after: "nonsense", count: 1) } == "INVALID_FIELD")
        }
    }

    @Test("S34, C26: over HTTP, what an agent types after / finds snippets, which fill themselves in and rise by use")
    func S34_C26_overHTTP() async throws {
        try await Self.running { desk in
            for (shortcut, title) in [("hello", "Greeting"), ("help", "Offer of help")] {
                let body =
                    #"{"shortcut": "\#(shortcut)", "title": "\#(title)", "texts": [{"text": "Hi {{contact.first_name}}"}]}"#
                let made = try await desk.gateway.http("POST", "/v1/snippets", token: desk.adminToken, body: body)
                #expect(made.status == 201, "\(made.body)")
            }
            func found() async throws -> [(id: String, shortcut: String)] {
                let reply = try await desk.gateway.http("GET", "/v1/snippets:search?query=%2Fhe", token: desk.agentToken)
                let json = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]
                let matches = json?["matches"] as? [[String: Any]] ?? []
                return matches.compactMap { $0["snippet"] as? [String: Any] }.map {
                    ($0["snippetId"] as? String ?? "", $0["shortcut"] as? String ?? "")
                }
            }
            let before = try await found()
            #expect(before.map(\.shortcut) == ["hello", "help"])
            let help = try #require(before.last?.id)
            let rendered = try await desk.gateway.http(
                "POST", "/v1/snippets/\(help):render", token: desk.agentToken,
                body: #"{"variables": {"contact.first_name": "Ana"}}"#)
            #expect(rendered.body.contains("Hi Ana"), "\(rendered.body)")
            let used = try await desk.gateway.http(
                "POST", "/v1/snippets/\(help):recordUse", token: desk.agentToken, body: "{}")
            #expect(used.status == 200, "\(used.body)")
            #expect(try await found().map(\.shortcut) == ["help", "hello"])
            // Managing is for Operators and Admins.
            let refused = try await desk.gateway.http("DELETE", "/v1/snippets/\(help)", token: desk.agentToken)
            #expect(refused.status == 403)
        }
    }

    // MARK: -

    private static func running(_ body: (Desk) async throws -> Void) async throws {
        try await Platform.with { platform in
            try await platform.running(["templates", "gateway"], replicas: 2) { services in
                let ports = services.replicas(of: "templates").map(\.listen.grpc)
                try await withChannel(to: [ports[0]]) { one in
                    try await withChannel(to: [ports[1]]) { two in
                        try await body(try await Desk(platform, services["gateway"], [one, two]))
                    }
                }
            }
        }
    }

    /// Who asks, and whom.
    private struct Desk: Sendable {
        let templates: [TemplatesServiceClient]
        let gateway: ServiceProcess
        let (adminToken, agentToken): (String, String)
        let (admin, channels): (CallOptions, CallOptions)
        private let accountID: String

        init(_ platform: Platform, _ gateway: ServiceProcess, _ channels: [GRPC.Channel]) async throws {
            templates = channels.map { TemplatesServiceClient($0) }
            self.gateway = gateway
            (adminToken, agentToken) = (try await platform.agentToken(), try await platform.agentToken(role: "agent"))
            admin = CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(adminToken)"])
            let token = try await platform.credentials(of: "channels").token(for: "templates")
            self.channels = CallOptions(
                timeout: .seconds(30),
                metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text])
            accountID = platform.channelAccountID.text
        }

        func draft(_ name: String) -> CreateTemplateRequest {
            CreateTemplateRequest(
                template: Template(
                    channelAccountID: accountID, name: name, language: "en_US", category: .utility,
                    body: TemplateBody(text: "Hi {{1}}!", examples: [VariableExample(variable: "1", text: "Ana")])),
                requestID: UUID().text)
        }

        /// What the provider says of a time.
        func report(_ verdict: ProviderVerdict, of id: String, at time: Instant = .now) -> ReportTemplateStatusRequest {
            ReportTemplateStatusRequest(
                templateID: id, report: ProviderReport(verdict: verdict, providerTime: Timestamp(time)))
        }

        func events(at replica: Int, after cursor: String, count: Int) async throws -> [(event: TemplateEvent, cursor: String)] {
            var events: [(event: TemplateEvent, cursor: String)] = []
            let options = CallOptions(timeout: .seconds(60), metadata: admin.metadata)
            for try await response in templates[replica].watch(WatchRequest(afterCursor: cursor), options) {
                if let event = response.event { events.append((event, response.cursor)) }
                if events.count == count { break }
            }
            return events
        }

        func reason(_ call: () async throws -> Void) async -> String {
            do {
                try await call()
                return ""
            } catch {
                return (error as? RPCError)?.reason ?? "\(error)"
            }
        }
    }
}
