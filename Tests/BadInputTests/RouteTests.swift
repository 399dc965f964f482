import Foundation
import GRPC
import ServiceRuntime
import Testing

@testable import Gateway

/// Every route that the contracts make, before real services: what is wrong with a request over HTTP is told as
/// application/problem+json, and nothing changes.
@Suite("Routes", .serialized)
struct RouteTests {
    @Test("every route refuses what is wrong with the documented problem, and nothing changes", .timeLimit(.minutes(5)))
    func everyRoute() async throws {
        try await Place.with(gateway: true) { place in
            let routes = try await Self.routes(place)
            let paths = try await HTTPCall(method: "GET", path: "/openapi.json").send(to: place.http).json["paths"]
            var documented = 0
            if case .object(let members)? = paths {
                for path in members.members {
                    guard case .object(let methods) = path.value else { continue }
                    documented += methods.members.filter { ["get", "post", "patch", "delete", "put"].contains($0.name) }.count
                }
            }
            #expect(documented == routes.count + Handwritten.all.count, "a route of /openapi.json is in no test")
            var lines: [String] = []
            for route in routes { lines.append(try await RouteJudge(place: place, route: route).line()) }
            for handwritten in Handwritten.all { lines.append(try await handwritten.line(place)) }
            try Golden.expect(lines.sorted(), "routes.golden")
            print("routes: \(lines.count)")
        }
    }

    @Test("what is no route is 404, for callers with a token and without", .timeLimit(.minutes(1)))
    func noRoute() async throws {
        try await Place.with(gateway: true) { place in
            let token = try await place.token("admin", to: "gateway")
            for path in ["/v1/nothing", "/v1/contacts/x/y/z", "/v2/contacts", "/v1/contacts:nothing", "//", "/v1//contacts"] {
                for headers in [[], [("Authorization", "Bearer \(token)")]] {
                    let reply = try await HTTPCall(method: "GET", path: path, headers: headers).send(to: place.http)
                    #expect(reply.status == 404, "\(path): \(reply.summary)")
                    reply.judgeForm(path)
                }
            }
        }
    }

    private static func routes(_ place: Place) async throws -> [HTTPRoute] {
        let subjects = try await Subject.all(of: [.unary, .serverStreaming], in: place)
        var routes: [HTTPRoute] = []
        for (_, service, method) in place.methods {
            let schema = place.contract[method]
            let rule = try #require(try AccessTable([service]).rules[method.path])
            for binding in schema.bindings {
                let plan = TranscodingPlan(
                    schema, binding, template: try PathTemplate(binding.path), schema: place.contract.schema)
                routes.append(
                    HTTPRoute(
                        method: schema, binding: binding, plan: plan,
                        subject: subjects.first { $0.method.path == method.path }, caller: Judge.caller(rule)))
            }
        }
        return routes
    }
}

extension Place {
    /// A caller's token without its scheme; "" for anyone.
    func token(_ caller: String, to callee: String) async throws -> String {
        let header = try await callers.metadata(caller, to: callee)["authorization"] ?? ""
        return String(header.dropFirst("Bearer ".count))
    }
}

extension Reply {
    /// The members of API.md 10.
    func judgeForm(_ what: String) {
        guard status >= 400 else { return }
        #expect(self["Content-Type"] == "application/problem+json", "\(what): \(self["Content-Type"] ?? "no type") \(text)")
        let members = ["type", "title", "detail", "instance", "code", "reason", "domain", "requestId"]
        for member in members { #expect(json[member]?.stringValue?.isEmpty == false, "\(what) without \(member): \(text)") }
        #expect(json["status"]?.intValue == status, "\(what): \(text)")
        if case .object? = json["metadata"] {} else { Issue.record("\(what) without metadata: \(text)") }
        #expect(self["X-Request-Id"] == json["requestId"]?.stringValue, "\(what)")
        #expect(![500, 502, 504].contains(status), "\(what): \(text)")
        if status == 401 { #expect(self["WWW-Authenticate"]?.hasPrefix("Bearer") == true, "\(what)") }
        if status == 405 { #expect(self["Allow"]?.isEmpty == false, "\(what)") }
        if status == 429 || status == 503 { #expect(self["Retry-After"] != nil, "\(what)") }
    }
}
