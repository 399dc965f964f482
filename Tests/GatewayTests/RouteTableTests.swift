@testable import Gateway
import Testing

@Suite struct RouteTableTests {
    private func table(_ routes: [(String, String)]) throws -> RouteTable<String> {
        var table = RouteTable<String>()
        for (method, path) in routes {
            #expect(table.add(method, try PathTemplate(path), "\(method) \(path)"))
        }
        return table
    }

    private func find(_ table: RouteTable<String>, _ method: String, _ path: String) -> (route: String, variables: [String])? {
        guard case .found(let match) = table.find(method, path[...]) else { return nil }
        return (match.route, match.variables.map { $0.fieldPath.joined(separator: ".") + "=" + $0.text })
    }

    @Test func literalsBeatVariables() throws {
        let table = try table([("GET", "/v1/contacts/{contact_id}"), ("GET", "/v1/contacts/mine"), ("GET", "/v1/{rest=**}")])
        #expect(find(table, "GET", "/v1/contacts/mine")?.route == "GET /v1/contacts/mine")
        #expect(find(table, "GET", "/v1/contacts/c1")?.variables == ["contact_id=c1"])
        #expect(find(table, "GET", "/v1/contacts/c1/more")?.variables == ["rest=contacts/c1/more"])
    }

    @Test func verbIsSplitAtTheLastColon() throws {
        let table = try table([("POST", "/v1/c/{id}:accept"), ("GET", "/v1/c/{id}"), ("GET", "/v1/c:batchGet")])
        #expect(find(table, "POST", "/v1/c/a:b:accept")?.variables == ["id=a:b"])
        #expect(find(table, "GET", "/v1/c/2026-01-01T07:00:00Z")?.variables == ["id=2026-01-01T07:00:00Z"])
        #expect(find(table, "GET", "/v1/c:batchGet")?.route == "GET /v1/c:batchGet")
    }

    @Test func oneSegmentDecodesEverythingAndManyKeepReserved() throws {
        let table = try table([("GET", "/v1/one/{id}"), ("GET", "/v1/many/{name=a/**}")])
        #expect(find(table, "GET", "/v1/one/a%2Fb%20c")?.variables == ["id=a/b c"])
        #expect(find(table, "GET", "/v1/many/a/b%2Fc/d%20e")?.variables == ["name=a/b%2Fc/d e"])
    }

    @Test func variablesMayBeNamedDifferentlyByMethod() throws {
        let table = try table([("GET", "/v1/contacts/{contact_id}"), ("PATCH", "/v1/contacts/{contact.contact_id}")])
        #expect(find(table, "PATCH", "/v1/contacts/c1")?.variables == ["contact.contact_id=c1"])
        #expect(find(table, "GET", "/v1/contacts/c1")?.variables == ["contact_id=c1"])
    }

    @Test func wrongMethodNamesTheAllowedOnes() throws {
        let table = try table([("GET", "/v1/c"), ("POST", "/v1/c")])
        guard case .methodNotAllowed(let allow) = table.find("DELETE", "/v1/c") else { Issue.record("found"); return }
        #expect(allow == ["GET", "POST"])
    }

    @Test(arguments: ["/v1/one/%zz", "/v1/one/%f", "/v1/one/%ff", "v1"])
    func brokenPathsAreToldApart(_ path: String) throws {
        guard case .malformedPath = try table([("GET", "/v1/one/{id}")]).find("GET", path[...]) else {
            Issue.record("not malformed")
            return
        }
    }

    @Test(arguments: ["/v1/one/", "/v1/one", "/v2/one/x", "/v1/one/x/y", "/"])
    func whatHasNoRouteIsNotFound(_ path: String) throws {
        guard case .notFound = try table([("GET", "/v1/one/{id}")]).find("GET", path[...]) else {
            Issue.record("found")
            return
        }
    }

    @Test(arguments: ["v1", "/v1/{id", "/v1//x", "/v1/{=*}", "/**/x", "/v1/x:"])
    func malformedTemplatesAreRefused(_ template: String) {
        #expect(throws: PathTemplate.Malformed.self) { try PathTemplate(template) }
    }

    @Test func sameMethodAndShapeIsRefused() throws {
        var table = try table([("GET", "/v1/c/{a}")])
        let added = table.add("GET", try PathTemplate("/v1/c/{b}"), "again")
        #expect(!added)
    }
}
