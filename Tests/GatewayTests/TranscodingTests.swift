import ContactsV1
import ConversationsV1
import GRPC
import GoogleProtobuf
import GoogleRPC
import Protobuf
import Testing

@testable import Gateway

@Suite struct TranscodingTests {
    private let key = [("Idempotency-Key", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")]

    @Test func pathQueryAndBodyBecomeTheRequest() async throws {
        try await EdgeUnderTest.run { edge in
            let list = try await edge.send(
                "GET", "/v1/conversations?view=INBOX_VIEW_QUEUE&channels=4&channels=CHANNEL_KIND_EMAIL&page_size=5")
            #expect(list.status == 200)
            #expect(
                list["Link"]
                    == "</v1/conversations?view=INBOX_VIEW_QUEUE&channels=4&channels=CHANNEL_KIND_EMAIL&page_size=5&pageToken=next%3D1>; rel=\"next\""
            )
            #expect(list.json["conversations"]?.arrayValue?.first?["unread"] == 0)
            let request = edge.conversations.state.withLock { $0.requests.last as? ListConversationsRequest }
            #expect(request == ListConversationsRequest(view: .queue, channels: [.webchat, .email], pageSize: 5))

            let sent = try await edge.send(
                "POST", "/v1/conversations/c%201/messages", headers: key, body: #"{"text":"hé","after_seq":3}"#)
            #expect(sent.status == 201)
            #expect(sent["Location"] == "/v1/conversations/c%201/messages/m%201")
            #expect(sent.json["text"] == "hé")
            let message = edge.conversations.state.withLock { $0.requests.last as? SendMessageRequest }
            #expect(
                message
                    == SendMessageRequest(
                        conversationID: "c 1", requestID: "8e03978e-40d5-43dd-bc93-6894a57f9324", text: "hé", afterSeq: 3))

            let update = try await edge.send(
                "PATCH", "/v1/conversations/c1", headers: key + [("If-Match", "\"7\"")],
                body: #"{"labels":["vip"],"serviceType":"x"}"#)
            #expect(update.status == 200)
            let updated = edge.conversations.state.withLock { $0.requests.last as? UpdateConversationRequest }
            #expect(updated?.updateMask?.paths == ["labels", "service_type"])
            #expect(updated?.conversation == Conversation(conversationID: "c1", etag: "\"7\"", serviceType: "x", labels: ["vip"]))
        }
    }

    @Test func metadataOfTheCallIsAnExplicitList() async throws {
        try await EdgeUnderTest.run { edge in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let reply = try await edge.send(
                "GET", "/v1/conversations/c1",
                headers: [("traceparent", trace), ("X-Request-Id", "abc"), ("Cookie", "secret=1"), ("X-Other", "1")])
            #expect(reply["X-Request-Id"] == "abc")
            let metadata = try #require(edge.conversations.state.withLock { $0.metadata.last })
            #expect(metadata["authorization"] == "Bearer agent")
            #expect(metadata["traceparent"] == trace)
            #expect(metadata["x-request-id"] == "abc")
            #expect(metadata["cookie"] == nil && metadata["x-other"] == nil)
        }
    }

    @Test func createdOnesHaveALocationAndDeletedOnesNoBody() async throws {
        try await EdgeUnderTest.run { edge in
            let created = try await edge.send("POST", "/v1/contacts", body: #"{"displayName":"Bo"}"#)
            #expect(created.status == 201)
            #expect(created["Location"] == "/v1/contacts/p9")
            #expect(created["ETag"] == "\"1\"")
            let deleted = try await edge.send("DELETE", "/v1/contacts/p9/identities/i1")
            #expect(deleted.status == 204)
            #expect(deleted.text.isEmpty)
        }
    }

    @Test func conditionalReads() async throws {
        try await EdgeUnderTest.run { edge in
            let first = try await edge.send("GET", "/v1/conversations/c1")
            #expect(first["ETag"] == "\"7\"")
            #expect(
                try await edge.send("GET", "/v1/conversations/c1", headers: [("If-None-Match", "\"6\", \"7\"")]).status == 304)
            let list = try await edge.send("GET", "/v1/conversations")
            let tag = try #require(list["ETag"])
            #expect(tag.hasPrefix("W/"))
            #expect(try await edge.send("GET", "/v1/conversations", headers: [("If-None-Match", tag)]).status == 304)
            let head = try await edge.send("HEAD", "/v1/conversations/c1")
            #expect(head.status == 200 && head.text.isEmpty && head["ETag"] == "\"7\"")
        }
    }

    @Test func ifMatchIsTheEtagAndItsMismatchIs412() async throws {
        try await EdgeUnderTest.run { edge in
            let info = ErrorInfo(reason: "ETAG_MISMATCH", domain: "conversations.switchboard")
            edge.conversations.state.withLock {
                $0.failure = RPCError(code: .aborted, message: "stale", details: [.packing(info)])
            }
            let with = try await edge.send(
                "POST", "/v1/conversations/c1:accept", headers: key + [("If-Match", "\"7\"")], body: "{}")
            #expect(with.status == 412)
            #expect(edge.conversations.state.withLock { $0.requests.last as? AcceptRequest }?.etag == "\"7\"")
            let without = try await edge.send("POST", "/v1/conversations/c1:accept", headers: key, body: #"{"etag":"\"7\""}"#)
            #expect(without.status == 409)
            #expect(without.json["reason"] == "ETAG_MISMATCH")
        }
    }

    @Test("API 10: a reused key with another body is 422, one in flight 409")
    func keysThatWereUsed() async throws {
        try await EdgeUnderTest.run { edge in
            for (code, reason, status) in [
                (StatusCode.failedPrecondition, "REQUEST_ID_REUSED", 422), (.aborted, "REQUEST_IN_FLIGHT", 409),
                (.aborted, "ETAG_MISMATCH", 409),
            ] {
                let info = ErrorInfo(reason: reason, domain: "conversations.switchboard")
                edge.conversations.state.withLock { $0.failure = RPCError(code: code, message: "", details: [.packing(info)]) }
                let reply = try await edge.send("POST", "/v1/conversations/c1/messages", headers: key, body: "{}")
                #expect(reply.status == status)
                #expect(reply.json["reason"]?.stringValue == reason)
            }
        }
    }

    @Test("API 10: where a contract demands the etag, a request without If-Match is 428 and goes nowhere")
    func ifMatchWhereItIsRequired() async throws {
        var schema = try Edge.schema()
        let fields = schema[message: AcceptRequest.typeName].fields
        let etag = try #require(fields.firstIndex { $0.name == "etag" })
        schema.messages[AcceptRequest.typeName]?.fields[etag].behaviors.insert(.required)
        try await EdgeUnderTest.run(schema: schema) { edge in
            let path = "/v1/conversations/c1:accept"
            let without = try await edge.send("POST", path, headers: key, body: "{}")
            #expect(without.status == 428)
            #expect(without.json["reason"] == "IF_MATCH_REQUIRED")
            #expect(edge.conversations.state.withLock { $0.requests.isEmpty })
            let with = try await edge.send("POST", path, headers: key + [("If-Match", "\"7\"")], body: "{}")
            #expect(with.status == 200)
        }
    }

    @Test func errorsKeepEverythingTheyKnow() async throws {
        try await EdgeUnderTest.run { edge in
            let failure = RPCError(
                code: .failedPrecondition, message: "Ana was first",
                details: [
                    .packing(
                        ErrorInfo(
                            reason: "ALREADY_TAKEN", domain: "conversations.switchboard", metadata: ["assignee_name": "Ana"])),
                    .packing(BadRequest(fieldViolations: [.init(field: "text", description: "is empty")])),
                    .packing(RetryInfo(retryDelay: GoogleProtobuf.Duration(seconds: 2, nanos: 1))),
                ])
            edge.conversations.state.withLock { $0.failure = failure }
            let reply = try await edge.send("GET", "/v1/conversations/c1", headers: [("X-Request-Id", "r1")])
            #expect(reply.status == 400)
            #expect(reply["Content-Type"] == "application/problem+json")
            #expect(reply["Retry-After"] == "3")
            #expect(
                reply.text
                    == #"{"type":"https://switchboard.example/errors/ALREADY_TAKEN","title":"Already taken","status":400,"detail":"Ana was first","instance":"/requests/r1","code":"FAILED_PRECONDITION","reason":"ALREADY_TAKEN","domain":"conversations.switchboard","metadata":{"assignee_name":"Ana"},"requestId":"r1","violations":[{"field":"text","description":"is empty","reason":""}]}"#
            )
            let google = try await edge.send("GET", "/v1/conversations/c1", headers: [("Accept", "application/json")])
            #expect(google["Content-Type"] == "application/json")
            #expect(google.json["error"]?["status"] == "FAILED_PRECONDITION")
            #expect(google.json["error"]?["details"]?.arrayValue?.first?["@type"] == "type.googleapis.com/google.rpc.ErrorInfo")
        }
    }

    @Test func everyCodeHasItsStatus() async throws {
        try await EdgeUnderTest.run { edge in
            for code in StatusCode.allCases where code != .ok {
                edge.conversations.state.withLock { $0.failure = RPCError(code: code, message: "secret of a driver") }
                let reply = try await edge.send("GET", "/v1/conversations/c1")
                #expect(reply.status == code.httpStatus, "\(code)")
                #expect(reply.json["code"]?.stringValue == code.description)
                if [.internal, .unknown, .dataLoss].contains(code) { #expect(!reply.text.contains("secret")) }
            }
        }
    }

    @Test func badInputIsRefusedBeforeAnyCall() async throws {
        try await EdgeUnderTest.run { edge in
            let cases: [(String, String, [(String, String)], String?, Int, String)] = [
                ("GET", "/v1/nothing", [], nil, 404, "ROUTE_NOT_FOUND"),
                ("PUT", "/v1/conversations", [], nil, 405, "METHOD_NOT_ALLOWED"),
                ("GET", "/v1/conversations?nothing=1", [], nil, 400, "PARAMETER_INVALID"),
                ("GET", "/v1/conversations?pageSize=x", [], nil, 400, "PARAMETER_INVALID"),
                ("GET", "/v1/conversations?a=%ff", [], nil, 400, "QUERY_INVALID"),
                ("GET", "/v1/conversations", [("Accept", "image/png")], nil, 406, "NOT_ACCEPTABLE"),
                ("POST", "/v1/conversations/c1/messages", key, "{", 400, "JSON_INVALID"),
                ("POST", "/v1/conversations/c1/messages", key, #"{"a":1,"a":2}"#, 400, "JSON_INVALID"),
                ("POST", "/v1/conversations/c1/messages", key, #"{"tetx":"typo"}"#, 400, "FIELD_INVALID"),
                ("POST", "/v1/conversations/c1/messages", key, #"{"text":7}"#, 400, "FIELD_INVALID"),
                ("POST", "/v1/conversations/c1/messages", key, "[]", 400, "JSON_INVALID"),
                ("POST", "/v1/conversations/c1/messages", [], #"{"text":"x"}"#, 400, "IDEMPOTENCY_KEY_REQUIRED"),
                ("POST", "/v1/conversations/c1/messages", [("Idempotency-Key", "a b")], "{}", 400, "IDEMPOTENCY_KEY_INVALID"),
                ("POST", "/v1/conversations/c1/messages", key, #"{"requestId":"other"}"#, 400, "IDEMPOTENCY_KEY_INVALID"),
                ("POST", "/v1/conversations/c1:accept", key + [("If-Match", "7")], "{}", 400, "IF_MATCH_INVALID"),
                (
                    "POST", "/v1/conversations/c1:accept", key + [("Content-Type", "text/plain")], "{}", 415,
                    "MEDIA_TYPE_NOT_SUPPORTED"
                ),
                (
                    "POST", "/v1/conversations/c1:accept", key + [("Content-Encoding", "br")], "{}", 415,
                    "MEDIA_TYPE_NOT_SUPPORTED"
                ),
                (
                    "POST", "/v1/conversations/c1:accept", key + [("Content-Encoding", "gzip")], "{}", 400,
                    "CONTENT_ENCODING_INVALID"
                ),
                ("POST", "/v1/conversations/c1:accept?x=1", key, "{}", 400, "PARAMETER_INVALID"),
                ("POST", "/v1/conversations/c1:nothing", key, "{}", 405, "METHOD_NOT_ALLOWED"),
                ("POST", "/v1/conversations/c1/messages", key, String(repeating: "x", count: 70_000), 413, "BODY_TOO_LARGE"),
                ("GET", "/v1/conversations?x=" + String(repeating: "x", count: 9_000), [], nil, 414, "TARGET_TOO_LONG"),
            ]
            for (method, path, headers, body, status, reason) in cases {
                let reply = try await edge.send(method, path, headers: headers, body: body)
                #expect(reply.status == status, "\(method) \(path.prefix(60)): \(reply.text)")
                let json = reply.json["error"]?["details"]?.arrayValue?.first ?? reply.json
                #expect(json["reason"]?.stringValue == reason, "\(method) \(path.prefix(60))")
            }
            let typo = try await edge.send("POST", "/v1/conversations/c1/messages", headers: key, body: #"{"tetx":"typo"}"#)
            #expect(typo.text.contains("tetx"))
            #expect(try await edge.send("PUT", "/v1/conversations")["Allow"] == "GET, HEAD, OPTIONS")
            #expect(edge.conversations.state.withLock { $0.requests.isEmpty })
        }
    }

    @Test func callersWithoutAToken() async throws {
        try await EdgeUnderTest.run { edge in
            for path in ["/v1/conversations", "/v1/inbox", "/v1/me", "/v1/stream", "/v1/conversations/c/details", "/v1/contacts"]
            {
                let none = try await edge.send("GET", path, token: nil)
                #expect(none.status == 401)
                #expect(none["WWW-Authenticate"] == "Bearer")
                let bad = try await edge.send("GET", path, token: "forged")
                #expect(bad.status == 401)
                #expect(bad["WWW-Authenticate"] == "Bearer error=\"invalid_token\"")
            }
            #expect(edge.conversations.state.withLock { $0.requests.isEmpty })
        }
    }

    @Test func crossOrigin() async throws {
        try await EdgeUnderTest.run { edge in
            let preflight = try await edge.send(
                "OPTIONS", "/v1/conversations", token: nil,
                headers: [("Origin", "https://desk.example"), ("Access-Control-Request-Method", "PATCH")])
            #expect(preflight.status == 204)
            #expect(preflight["Access-Control-Allow-Origin"] == "https://desk.example")
            #expect(preflight["Access-Control-Allow-Methods"] == "GET, HEAD, POST, PATCH, DELETE")
            #expect(
                preflight["Access-Control-Allow-Headers"]
                    == "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, X-File-Name, traceparent"
            )
            #expect(preflight["Access-Control-Max-Age"] == "7200" && preflight["Vary"] == "Origin")
            #expect(preflight["Access-Control-Allow-Credentials"] == nil && preflight.text.isEmpty)
            let foreign = try await edge.send(
                "OPTIONS", "/v1/conversations", token: nil,
                headers: [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")])
            #expect(foreign.status == 403 && foreign["Access-Control-Allow-Origin"] == nil)
            let get = try await edge.send("GET", "/v1/conversations", headers: [("Origin", "https://desk.example")])
            #expect(get["Access-Control-Allow-Origin"] == "https://desk.example")
            #expect(get["Vary"] == "Origin")
            #expect(
                get["Access-Control-Expose-Headers"]
                    == "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id")
            #expect(try await edge.send("OPTIONS", "/v1/conversations", token: nil)["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func tooManyRequestsAreToldWhenToComeBack() async throws {
        var configuration = EdgeUnderTest.configuration
        configuration.principalRate = 12
        try await EdgeUnderTest.run(configuration: configuration) { edge in
            #expect(try await edge.send("GET", "/v1/conversations").status == 200)
            #expect(try await edge.send("GET", "/v1/conversations").status == 200)
            let third = try await edge.send("GET", "/v1/conversations")
            #expect(third.status == 429)
            #expect((1...5).contains(Int(third["Retry-After"] ?? "") ?? 0))
            #expect(third["RateLimit-Policy"] == #""read";q=2;w=10"#)
            #expect(third["RateLimit"]?.hasPrefix(#""read";r=0;t="#) == true)
            #expect(third["X-RateLimit-Limit"] == "2" && third["X-RateLimit-Remaining"] == "0")
            // What may change something has a bucket of its own.
            let write = try await edge.send("POST", "/v1/conversations/c1:accept", headers: key, body: "{}")
            #expect(write.status == 200)
            #expect(write["RateLimit"]?.hasPrefix(#""write";r=1;t="#) == true)
        }
    }
}

extension GoogleProtobuf.`Any` {
    static func packing(_ message: some GeneratedMessage) -> Self {
        Self(typeURL: "type.googleapis.com/\(type(of: message).typeName)", value: message.serialized())
    }
}
