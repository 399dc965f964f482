import EndToEndSupport
import Foundation
import RoutingV1
import ServiceRuntime
import Testing

/// A program of the tenant's, with its key, at the edge.
@Suite("API keys", .serialized)
struct APIKeyTests {
    @Test("P8: a key opens at the edge what its permissions name, in every service, and nothing once it is revoked")
    func P8_keysAtTheEdge() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "routing", "gateway"]) { services in
                let gateway = services["gateway"]
                let admin = try await platform.agentToken()
                func key(_ permissions: [String]) async throws -> (id: String, secret: String) {
                    let body = """
                        {"displayName": "reports", "permissions": ["\(permissions.joined(separator: "\", \""))"]}
                        """
                    let made = try await gateway.http("POST", "/v1/apiKeys", token: admin, body: body)
                    #expect(made.status == 200 || made.status == 201, "\(made.body)")
                    let answer = try CreateApiKeyResponse(json: Array(made.body.utf8))
                    return (try #require(answer.apiKey?.apiKeyID), answer.secret)
                }
                let (id, secret) = try await key(["conversations.read"])
                for _ in 0..<2 {
                    let read = try await gateway.http("GET", "/v1/agentSlots", token: secret)
                    #expect(read.status == 200, "\(read.body)")
                }
                // What the key does not name is refused by the service, whichever it is.
                let contacts = try await gateway.http("GET", "/v1/contacts", token: secret)
                #expect(contacts.status == 403 && contacts.body.contains("PERMISSION_DENIED"), "\(contacts.body)")
                let other = try await key(["contacts.read"])
                #expect(try await gateway.http("GET", "/v1/contacts", token: other.secret).status == 200)
                #expect(try await gateway.http("GET", "/v1/agentSlots", token: other.secret).status == 403)
                // Unknown, wrong and revoked ones are answered alike.
                let revoked = try await key(["conversations.read"])
                _ = try await gateway.http(
                    "POST", "/v1/apiKeys/\(revoked.id):revoke", token: admin, body: "{}")
                for bad in [revoked.secret, secret.replacingOccurrences(of: id, with: other.id), "sk_nonsense"] {
                    let refused = try await gateway.http("GET", "/v1/agentSlots", token: bad)
                    #expect(refused.status == 401 && refused.body.contains("API_KEY_INVALID"), "\(refused.body)")
                }
            }
        }
    }
}
