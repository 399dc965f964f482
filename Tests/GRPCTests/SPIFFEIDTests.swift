import Testing

@testable import GRPC

@Suite("SPIFFE IDs")
struct SPIFFEIDTests {
    @Test("trust domain and path are read")
    func read() throws {
        let id = try #require(SPIFFEID("spiffe://example.org/billing/Payments_1.x"))
        #expect(id.trustDomain == "example.org")
        #expect(id.path == "/billing/Payments_1.x")
        #expect(id.description == "spiffe://example.org/billing/Payments_1.x")
        #expect(SPIFFEID("spiffe://example.org")?.path == "")
    }

    @Test(
        "what is no SPIFFE ID is refused",
        arguments: [
            "", "spiffe://", "https://example.org/a", "SPIFFE://example.org/a", "spiffe://Example.org/a", "spiffe:///a",
            "spiffe://example.org:80/a", "spiffe://user@example.org/a", "spiffe://example.org/", "spiffe://example.org/a/",
            "spiffe://example.org//a", "spiffe://example.org/../a", "spiffe://example.org/./a", "spiffe://example.org/a?b",
            "spiffe://example.org/a#b", "spiffe://example.org/%61", "spiffe://exämple.org/a", "spiffe://example.org/ä",
            "spiffe://\(String(repeating: "a", count: 256))/a", "spiffe://a/\(String(repeating: "a", count: 2_048))",
        ])
    func refused(uri: String) { #expect(SPIFFEID(uri) == nil) }

    @Test("a certificate has an identity only by exactly one URI")
    func identity() {
        let id = "spiffe://example.org/a"
        #expect(PeerIdentity(uris: [id]).spiffeID?.path == "/a")
        #expect(PeerIdentity(uris: [id, id]).spiffeID == nil)
        #expect(PeerIdentity(uris: ["https://example.org"]).spiffeID == nil)
        #expect(PeerIdentity().spiffeID == nil)
    }
}
