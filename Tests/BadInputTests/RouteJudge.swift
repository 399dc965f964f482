import GRPC
import ServiceRuntime
import Testing

@testable import Gateway

/// Tries one route with everything that is wrong.
struct RouteJudge {
    let place: Place
    let route: HTTPRoute

    /// Judges, and tells the answers in one line of the golden file.
    func line() async throws -> String {
        let scene = try await Scene(route.subject?.example.scene ?? .bare, in: place)
        let whole: JSON = route.plan.requestID == .none ? [:] : ["requestId": .string(UUIDText.random())]
        let request = try route.subject?.request(in: scene) ?? whole
        let theirs = try await route.subject?.scene(of: People.other)
        let token = try await token(route.caller, scene)
        let right = route.call(request, token: token.isEmpty ? nil : token)
        let before = try await place.tables()
        var words = [route.name, "by", route.caller]
        words += try await tokens(right)
        words += try await heads(right)
        if route.takesBody { words += try await bodies(right) }
        if route.subject != nil {
            words += try await conditions(right)
            words += try await others(request, token, scene, theirs)
        } else {
            // What only services may call is no person's, implemented or not.
            let isService = route.caller.hasPrefix("service:")
            let answer = try await expect(isService ? 403 : 501, right, "whole")
            #expect(answer.json["reason"] == (isService ? "CALLER_DENIED" : "NOT_IMPLEMENTED"), "\(route.name)")
            words += ["whole", answer.summary]
        }
        #expect(try await place.changes(since: before) == [], "\(route.name)")
        if let subject = route.subject { words += try await repeated(subject) }
        return words.joined(separator: " ")
    }

    private func token(_ caller: String, _ scene: Scene) async throws -> String {
        if caller.hasPrefix("service:") {
            // Over HTTP nobody speaks for a service: the edge knows the token's audience, the service its caller.
            return try await place.token("admin", to: "gateway")
        }
        let metadata = caller == "anyone" ? Metadata() : try await scene.metadata(caller, to: "gateway")
        return String((metadata["authorization"] ?? "").dropFirst("Bearer ".count))
    }

    private func send(_ call: HTTPCall, _ what: String) async throws -> Reply {
        let reply = try await call.send(to: place.http)
        reply.judgeForm("\(route.name) \(what)")
        return reply
    }

    @discardableResult
    private func expect(_ status: Int, _ call: HTTPCall, _ what: String) async throws -> Reply {
        let reply = try await send(call, what)
        #expect(reply.status == status, "\(route.name) \(what): \(reply.status) \(reply.text.prefix(300))")
        return reply
    }

    // MARK: - Who calls

    private func tokens(_ right: HTTPCall) async throws -> [String] {
        guard route.caller != "anyone" else { return [] }
        var words = ["no-token", try await expect(401, right.with { $0["Authorization"] = nil }, "without a token").summary]
        let expired = try await place.callers.expiredMetadata("admin", to: "gateway")["authorization"] ?? ""
        words += ["expired", try await expect(401, right.with { $0["Authorization"] = expired }, "expired").summary]
        let token = right["Authorization"] ?? ""
        let forged = token.dropLast(4) + (token.hasSuffix("AAAA") ? "BBBB" : "AAAA")
        words += ["forged", try await expect(401, right.with { $0["Authorization"] = String(forged) }, "forged").summary]
        let elsewhere = try await place.callers.metadata("service:channels", to: "tickets")["authorization"] ?? ""
        words += [
            "other-audience", try await expect(401, right.with { $0["Authorization"] = elsewhere }, "for another").summary,
        ]
        try await expect(401, right.with { $0["Authorization"] = "Basic YTpi" }, "of another scheme")
        let stranger = try await place.token("nobody", to: "gateway")
        words += [
            "wrong-role", try await expect(403, right.with { $0["Authorization"] = "Bearer \(stranger)" }, "wrong role").summary,
        ]
        return words
    }

    // MARK: - The head

    private func heads(_ right: HTTPCall) async throws -> [String] {
        let method = try await expect(405, right.with { $0.method = "PUT" }, "PUT")
        #expect(method["Allow"]?.contains(route.binding.httpMethod) == true, "\(route.name)")
        let accept = try await expect(406, right.with { $0["Accept"] = "image/png" }, "image/png")
        var words = ["put", method.summary, "image", accept.summary]
        let query = try await expect(400, right.with { $0.query.append(("nonsense", "1")) }, "an unknown parameter")
        words += ["parameter", query.summary]
        let target = try await expect(414, right.with { $0.query.append(HTTPCall.longParameter) }, "a target of 8 KiB and more")
        words += ["target", target.summary]
        if !route.takesBody, route.binding.httpMethod != "GET" {
            words += ["body", try await expect(413, right.with { $0.body = [0x7B, 0x7D] }, "a body").summary]
        }
        return words
    }

    // MARK: - The body

    /// What is no JSON that we take, and what is none of this request.
    private static let texts: [(name: String, bytes: [UInt8])] = [
        ("cut", Array(#"{"a":"#.utf8)), ("twice", Array(#"{"text":"a","text":"b"}"#.utf8)),
        ("unknown", Array(#"{"nonsense":1}"#.utf8)), ("list", Array("[]".utf8)), ("number", Array("1".utf8)),
        ("deep", Array((String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70)).utf8)),
        ("huge", Array(#"{"nonsense":1e999999999}"#.utf8)),
        ("digits", Array("{\"nonsense\":\(String(repeating: "9", count: 100_000))}".utf8)),
        ("surrogate", Array(#"{"text":"\ud800"}"#.utf8)), ("nul", Array(#"{"nonsense":"\u0000"}"#.utf8)),
        ("bom", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)), ("utf8", Array(#"{"text":""#.utf8) + [0xFF] + Array(#""}"#.utf8)),
        ("nan", Array(#"{"nonsense":NaN}"#.utf8)), ("trailing", Array("{} {}".utf8)), ("comment", Array("/**/{}".utf8)),
    ]

    private func bodies(_ right: HTTPCall) async throws -> [String] {
        var words: [String] = []
        for (name, bytes) in Self.texts {
            words += [name, try await expect(400, right.with { $0.body = bytes }, name).summary]
        }
        if let text = route.textMember {
            let nul = try await expect(400, right.with { $0.body = Array("{\"\(text)\":\"a\\u0000b\"}".utf8) }, "NUL in text")
            let kind = try await expect(400, right.with { $0.body = Array("{\"\(text)\":{}}".utf8) }, "an object for text")
            words += ["nul-in-text", nul.summary, "wrong-type", kind.summary]
        }
        words += ["plain", try await expect(415, right.with { $0["Content-Type"] = "text/plain" }, "text/plain").summary]
        words += ["encoded", try await expect(415, right.with { $0["Content-Encoding"] = "br" }, "br").summary]
        let large = Array("{\"nonsense\":\"\(String(repeating: "x", count: 1 << 20))\"}".utf8)
        words += ["large", try await expect(413, right.with { $0.body = large }, "1 MiB and more").summary]
        return words
    }

    // MARK: - If-Match, Idempotency-Key

    private func conditions(_ right: HTTPCall) async throws -> [String] {
        var words: [String] = []
        if route.plan.etag != .none {
            let malformed = try await expect(400, right.with { $0["If-Match"] = "1" }, "If-Match without quotes")
            let weak = try await expect(400, right.with { $0["If-Match"] = "W/\"1\"" }, "a weak If-Match")
            let stale = try await send(right.with { $0["If-Match"] = "\"999\"" }, "a stale If-Match")
            // What only services may call is no person's, whatever he expects.
            let isService = route.caller.hasPrefix("service:") && stale.json["reason"] == "CALLER_DENIED"
            #expect(
                stale.status == 412 || stale.json["reason"] == "ALREADY_TAKEN" || isService,
                "\(route.name) stale: \(stale.status) \(stale.text)")
            words += ["if-match", malformed.summary, "weak", weak.summary, "stale", stale.summary]
        }
        if route.plan.requestID == .required {
            words += ["no-key", try await expect(400, right.with { $0["Idempotency-Key"] = nil }, "without a key").summary]
        }
        if route.plan.requestID != .none {
            let malformed = try await expect(400, right.with { $0["Idempotency-Key"] = "\"" }, "a malformed key")
            words += ["key", malformed.summary]
        }
        return words
    }

    /// Another tenant's things are as unknown as nobody's.
    private func others(_ request: JSON, _ token: String, _ scene: Scene, _ theirs: Scene?) async throws -> [String] {
        guard let subject = route.subject, let theirs else { return [] }
        if route.caller.hasPrefix("service:") {
            return ["person", try await expect(403, route.call(request, token: token), "a person").summary]
        }
        guard !route.plan.pathFields.isEmpty else { return [] }
        // A place that nobody has laid out has the default layout.
        guard route.plan.pathFields.contains(where: { !$0.hasSuffix("field_layout_id") }) else { return [] }
        var (foreigners, nobodys) = (try subject.request(in: scene), try subject.request(in: scene))
        let their = try subject.request(in: theirs)
        for field in subject.fields where route.plan.pathFields.contains(field.name) {
            foreigners = field.setting(field.value(in: their), in: foreigners)
            // An attribute is named by its key and a role by its name, everything else by an id.
            let isWord = field.name.hasSuffix(".key") || ["name", "role.name"].contains(field.name)
            let name = isWord ? "no_such_word" : UUIDText.random()
            nobodys = field.setting(.string(name), in: nobodys)
        }
        let foreign = try await expect(404, route.call(foreigners, token: token), "another tenant's")
        let missing = try await expect(404, route.call(nobodys, token: token), "nobody's")
        let (one, two) = (missing.json, foreign.json)
        #expect(
            one["reason"] == two["reason"] && one["resource"]?["type"] == two["resource"]?["type"],
            "\(route.name): \(missing.text) \(foreign.text)")
        var malformed = try subject.request(in: scene)
        for field in subject.fields where route.plan.pathFields.contains(field.name) {
            malformed = field.setting("no-id'--", in: malformed)
        }
        let strange = try await expect(400, route.call(malformed, token: token), "malformed")
        return ["foreign", foreign.summary, "malformed", strange.summary]
    }

    // MARK: - Repetition

    private func repeated(_ subject: Subject) async throws -> [String] {
        guard !route.caller.hasPrefix("service:"), !route.streams else { return [] }
        let scene = try await subject.scene()
        let call = route.call(try subject.request(in: scene), token: try await token(route.caller, scene))
        let first = try await send(call, "right")
        #expect(first.status < 300, "\(route.name): \(first.status) \(first.text.prefix(300))")
        guard route.plan.requestID != .none else { return ["right", first.summary] }
        let other = try await subject.scene()
        let before = try await place.tables()
        let again = try await send(call, "again")
        #expect(again.status == first.status && again.json == first.json, "\(route.name) again: \(again.text.prefix(300))")
        var words = ["right", first.summary, "again", again.summary]
        let reused = route.call(try subject.request(in: other), token: try await token(route.caller, scene)).with {
            $0["Idempotency-Key"] = call["Idempotency-Key"]
        }
        if reused != call { words += ["other-body", try await expect(422, reused, "with another body").summary] }
        #expect(try await place.changes(since: before) == [], "\(route.name) repeated")
        // What another key makes idempotent knows no calls in flight.
        if !subject.isNatural { words += ["in-flight", try await inFlight(subject, other).summary] }
        return words
    }

    private func inFlight(_ subject: Subject, _ scene: Scene) async throws -> Reply {
        let request = try subject.request(in: scene)
        let call = route.call(request, token: try await token(route.caller, scene))
        let reply = try await subject.whileInFlight(request, in: scene) { try await expect(409, call, "in flight") }
        #expect(reply.json["reason"] == "REQUEST_IN_FLIGHT", "\(route.name): \(reply.text.prefix(300))")
        let late = try await send(call, "after it")
        #expect(late.status < 300, "\(route.name) after it: \(late.text.prefix(300))")
        return reply
    }
}

extension HTTPRoute {
    /// A member of the body that is text.
    fileprivate var textMember: String? {
        guard let subject else { return nil }
        let depth = binding.body == "*" ? 1 : 2
        return subject.fields.first { field in
            field.steps.count == depth && field.field.kind == .string && !field.field.isRepeated
                && !["request_id", "etag"].contains(field.field.name) && !plan.pathFields.contains(field.name)
                && (depth == 1 || field.name.hasPrefix(binding.body + "."))
        }?.field.jsonName
    }
}
