import Foundation
import Testing

@testable import Gateway

@Suite("OpenAPI", .timeLimit(.minutes(1)))
struct OpenAPITests {
    @Test("/openapi.json holds to OpenAPI 3.1, as openapi-spec-validator judges it")
    func documentIsValid() throws {
        let document = try OpenAPIDocument(schema: Edge.schema(), extraPaths: HandwrittenPaths.all).json()
        let url = FileManager.default.temporaryDirectory.appending(path: "openapi-\(UUID().uuidString).json")
        try Data(document.bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let result = try Peer(Peer.python, [Peer.script("openapi_check.py"), url.path]).finish()
        #expect(result.status == 0)
        #expect(result.lines.first?.hasPrefix("ok ") == true)
    }

    @Test("no path is there twice under other names of its parameters")
    func pathsDiffer() throws {
        guard
            case .object(let paths)? = try OpenAPIDocument(schema: Edge.schema(), extraPaths: HandwrittenPaths.all).json()[
                "paths"]
        else { throw NoPaths() }
        let bare = paths.members.map { $0.name.replacing(/\{[^}]*\}/, with: "{}") }
        #expect(Set(bare).count == bare.count)
        let contact = paths["/v1/contacts/{contact_id}"]
        #expect(contact?["get"] != nil && contact?["patch"] != nil)
    }

    private struct NoPaths: Error {}
}
