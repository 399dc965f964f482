import AsyncHTTPClient
import ConversationsV1
import Foundation
import GRPC
import Gateway
import NIOCore
import PostgresTesting
import ServiceRuntime
import Testing

@Suite("S35, S39: the same over JSON at the edge")
struct StartOverHTTPTests {
    @Test("S35, S36, S39, C29: starting and resuming over HTTP: what is created, and refusals that name the field")
    func S35_overHTTP() async throws {
        try await Desk.with { desk in
            try await desk.withGateway { edge in
                let (template, contact) = (try await desk.template(), try await desk.contact())
                let gallery = try await edge.get(
                    "/v1/templates?channelAccountId=\(Desk.Account.whatsapp.id)&sendableOnly=true")
                #expect(gallery.status == 200 && (gallery.json["templates"] as? [Any])?.count == 1, "\(gallery.json)")
                func body(_ values: String) -> String {
                    """
                    {"channelAccountId": "\(Desk.Account.whatsapp.id)", "contactId": "\(contact)", "autoCloseAfter": "3600s",
                     "template": {"templateId": "\(template)", "variables": {\(values)}}}
                    """
                }
                let wrong = try await edge.post("/v1/conversations:start", body(#""1": "Ana""#))
                #expect(wrong.status == 400 && wrong.text("reason") == "TEMPLATE_PARAM_MISMATCH", "\(wrong.json)")
                let field = (wrong.json["violations"] as? [[String: Any]])?.first?["field"] as? String
                #expect(field == "template.variables[2]", "\(wrong.json)")

                // What the header of a template takes has no conversation yet.
                let account = Desk.Account.whatsapp.id
                let file = try await edge.upload("/v1/channelAccounts/\(account)/attachments", "hello")
                #expect(file.status == 201 && !file.text("attachmentId").isEmpty, "\(file.json)")
                let nowhere = try await edge.upload("/v1/channelAccounts/\(UUID().text)/attachments", "hello")
                #expect(nowhere.status == 404 && nowhere.text("reason") == "CHANNEL_ACCOUNT_NOT_FOUND")

                let key = UUID().uuidString
                let started = try await edge.post("/v1/conversations:start", body(#""1": "Ana", "2": "A-1""#), key: key)
                #expect([200, 201].contains(started.status), "\(started.json)")
                #expect(started.text("stateReason") == "CONVERSATION_STATE_REASON_AWAITING_REPLY")
                let again = try await edge.post("/v1/conversations:start", body(#""1": "Ana", "2": "A-1""#), key: key)
                let id = started.text("conversationId")
                #expect(again.text("conversationId") == id && !id.isEmpty)

                let message = try #require(try await desk.messages(id).last)
                try await desk.report(message.messageID, .failed, reason: "131026")
                let closed = try await edge.post(
                    "/v1/conversations/\(id):resumeByTemplate", #"{"template": {"templateId": "\#(template)"}}"#)
                // The values are judged first, then the state.
                #expect(closed.status == 400 && closed.text("reason") == "TEMPLATE_PARAM_MISMATCH", "\(closed.json)")

                let expired = try await desk.expired()
                let use = #"{"template": {"templateId": "\#(template)", "variables": {"1": "Ana", "2": "A-1"}}}"#
                let resumed = try await edge.post("/v1/conversations/\(expired):resumeByTemplate", use)
                #expect(resumed.status == 200 && resumed.text("state") == "CONVERSATION_STATE_PENDING", "\(resumed.json)")
                let text = try await edge.post("/v1/conversations/\(expired)/messages", #"{"text": "hi"}"#)
                #expect(text.status == 400 && text.text("reason") == "AWAITING_REPLY", "\(text.json)")
            }
        }
    }
}

/// What an agent's browser gets from the gateway.
private struct Edge: Sendable {
    let base: String
    let desk: Desk

    struct Reply {
        var status: UInt
        var json: [String: Any]

        func text(_ member: String) -> String { json[member] as? String ?? "" }
    }

    func get(_ path: String) async throws -> Reply { try await ask(HTTPClientRequest(url: base + path)) }

    func upload(_ path: String, _ text: String) async throws -> Reply { try await post(path, text, type: "text/plain") }

    func post(
        _ path: String, _ body: String, key: String = UUID().uuidString, type: String = "application/json"
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "Idempotency-Key", value: "\"\(key)\"")
        request.body = .bytes(ByteBuffer(string: body))
        return try await ask(request)
    }

    private func ask(_ request: HTTPClientRequest) async throws -> Reply {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(try await desk.token(of: .ana))")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let json = try JSONSerialization.jsonObject(with: Data(String(buffer: bytes).utf8)) as? [String: Any]
        return Reply(status: response.status.code, json: json ?? [:])
    }
}

extension Desk {
    /// Runs the body with a gateway before the desk.
    fileprivate func withGateway(_ body: @escaping @Sendable (Edge) async throws -> Void) async throws {
        let port = try FreePort.next()
        let environment = environment.of(
            "gateway", addresses.merging(["tickets": "127.0.0.1:1"]) { $1 },
            ["SWITCHBOARD_HTTP_LISTEN": "127.0.0.1:\(port)"])
        try await RunningService<GatewayModule>.during(environment: environment, logger: .quiet) { _, _, _ in
            try await body(Edge(base: "http://127.0.0.1:\(port)", desk: self))
        }
    }
}
