import Crypto
import Foundation
import JWTKit
import Testing
import WallTime

@testable import ServiceRuntime

@Suite("Tokens")
struct TokenTests {
    @Test("honest tokens pass, whichever key signed them")
    func honest() async throws {
        let bench = try TokenBench()
        for (algorithm, kid) in [(TokenBench.Algorithm.rs256, "rsa"), (.es256, "ec")] {
            let principal = try await bench.verifier.verify(try await bench.sign(bench.claims(), algorithm, kid: kid))
            #expect(principal.tenantID == TokenBench.tenant)
            #expect(principal.agentID == TokenBench.agent)
            #expect(principal.permissions == Role.agent.permissions)
        }
    }

    @Test("a forged RS512 token first, then an honest RS256 one passes")
    func forgedAlgorithmFirst() async throws {
        let bench = try TokenBench()
        let forged = try await bench.sign(bench.claims(), .rs512, kid: "rsa")
        await #expect(throws: TokenRefusal.algorithm) { try await bench.verifier.verify(forged) }
        let honest = try await bench.sign(bench.claims(), .rs256, kid: "rsa")
        _ = try await bench.verifier.verify(honest)
    }

    @Test("issuer, audience and times are judged, a minute forgiven")
    func claims() async throws {
        let bench = try TokenBench()
        func verify(_ claims: TokenClaims) async throws -> Principal {
            try await bench.verifier.verify(try await bench.sign(claims, .es256, kid: "ec"))
        }
        await #expect(throws: TokenRefusal.unknownIssuer) { try await verify(bench.claims(issuer: "https://elsewhere")) }
        await #expect(throws: TokenRefusal.audience) { try await verify(bench.claims(audience: ["contacts", "x"])) }
        await #expect(throws: TokenRefusal.expired) { try await verify(bench.claims(until: .seconds(-60))) }
        await #expect(throws: TokenRefusal.notYet) { try await verify(bench.claims(notBefore: .seconds(61))) }
        _ = try await verify(bench.claims(until: .seconds(-59)))
        _ = try await verify(bench.claims(notBefore: .seconds(60)))
        _ = try await verify(bench.claims(audience: ["x", "switchboard"]))
        var noTenant = bench.claims()
        noTenant.tenantID = nil
        await #expect(throws: TokenRefusal.claims) { try await verify(noTenant) }
        var service = bench.claims()
        service.kind = .service
        await #expect(throws: TokenRefusal.claims) { try await verify(service) }
        var visitor = bench.claims()
        visitor.kind = .visitor
        await #expect(throws: TokenRefusal.claims) { try await verify(visitor) }
    }

    @Test("forged headers and signatures are refused")
    func attacks() async throws {
        let bench = try TokenBench()
        let claims = bench.claims()
        let good = try await bench.sign(claims, .rs256, kid: "rsa")
        let parts = good.split(separator: ".").map(String.init)
        let signature = try #require(Base64URL.decode(parts[2]))
        let input = Array("\(parts[0]).\(parts[1])".utf8)
        let publicPEM = bench.ec.publicKey.pemRepresentation
        let hmac = Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: Array(publicPEM.utf8))))

        var table: [(String, String)] = []
        for none in ["none", "None", "nOnE", ""] {
            table.append(
                ("alg \(none)", try handMade(#"{"alg":"\#(none)","kid":"rsa","typ":"JWT"}"#, claims, signature: signature)))
        }
        table += [
            ("HS256 with the public key", try handMade(#"{"alg":"HS256","kid":"ec"}"#, claims, signature: hmac)),
            ("empty signature", "\(parts[0]).\(parts[1])."),
            ("no signature", "\(parts[0]).\(parts[1])"),
            ("four parts", good + ".x"),
            ("r = s = 0", try handMade(#"{"alg":"ES256","kid":"ec"}"#, claims, signature: Array(repeating: 0, count: 64))),
            ("crit", try handMade(#"{"alg":"RS256","kid":"rsa","crit":["x"],"x":1}"#, claims, signature: signature)),
            ("empty crit", try handMade(#"{"alg":"RS256","kid":"rsa","crit":[]}"#, claims, signature: signature)),
            ("crit null", try handMade(#"{"alg":"RS256","kid":"rsa","crit":null}"#, claims, signature: signature)),
            ("no kid", try handMade(#"{"alg":"RS256"}"#, claims, signature: signature)),
            ("kid traversal", try handMade(#"{"alg":"RS256","kid":"../../etc/passwd"}"#, claims, signature: signature)),
            ("kid SQL", try handMade(#"{"alg":"RS256","kid":"' or 1=1 --"}"#, claims, signature: signature)),
            ("other key", try handMade(#"{"alg":"RS256","kid":"ec"}"#, claims, signature: signature)),
            (
                "embedded jwk, jku, x5u",
                try handMade(
                    #"{"alg":"ES256","kid":"evil","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/","jwk":{"kty":"EC"}}"#,
                    claims, signature: signature)
            ),
            ("strange typ", try handMade(#"{"alg":"RS256","kid":"rsa","typ":"JOSE+JSON"}"#, claims, signature: signature)),
            (
                "changed claims",
                "\(parts[0]).\(Base64URL.encode(try JSONEncoder().encode(bench.claims(until: .seconds(9_999))))).\(parts[2])"
            ),
            ("not base64", "a+b.c/d.e="),
            ("empty", ""),
            ("dots", ".."),
            ("1 MB", String(repeating: "a", count: 1 << 20)),
        ]
        for (name, token) in table {
            await #expect(throws: TokenRefusal.self, "\(name) passed") { try await bench.verifier.verify(token) }
        }
        _ = try await bench.verifier.verify(good)
    }

    @Test("a claim twice is refused, however its name is written, though the signature holds")
    func claimsTwice() async throws {
        let bench = try TokenBench()
        let claims = TokenClaims(
            issuer: "conversations", audience: ["switchboard"], subject: "v1", kind: .visitor, tenantID: TokenBench.tenant,
            visitorID: "v1", accountID: "a1", issued: TokenBench.now, expires: TokenBench.now.advanced(by: .seconds(60)))
        let text = String(decoding: try JSONEncoder().encode(claims), as: UTF8.self).dropFirst()
        let head = #"{"alg":"ES256","kid":"conversations","typ":"JWT"}"#
        func signed(_ head: String, _ claims: String) throws -> String {
            let input = "\(Base64URL.encode(Array(head.utf8))).\(Base64URL.encode(Array(claims.utf8)))"
            return "\(input).\(Base64URL.encode(try bench.service.signature(for: Data(input.utf8)).rawRepresentation))"
        }
        _ = try await bench.verifier.verify(try signed(head, "{" + text))
        let twice = [
            try signed(head, #"{"sub":"00000000-0000-7000-8000-000000000009",\#(text)"#),
            try signed(head, #"{"tenan\u0074":"00000000-0000-7000-8000-000000000009",\#(text)"#),
            try signed(#"{"alg":"none","alg":"ES256","kid":"conversations"}"#, "{" + text),
        ]
        for token in twice {
            await #expect(throws: TokenRefusal.self) { try await bench.verifier.verify(token) }
        }
    }

    @Test("keys that a token brings along are no keys, though its signature holds under them")
    func ownKeys() async throws {
        let bench = try TokenBench()
        let own = P256.Signing.PrivateKey()
        let point = own.publicKey.rawRepresentation
        let jwk =
            #"{"kty":"EC","crv":"P-256","x":"\#(Base64URL.encode(point.prefix(32)))","y":"\#(Base64URL.encode(point.suffix(32)))"}"#
        let claims = try JSONEncoder().encode(bench.claims())
        for kid in ["evil", "ec"] {
            let input =
                "\(Base64URL.encode(Array(#"{"alg":"ES256","kid":"\#(kid)","jwk":\#(jwk)}"#.utf8))).\(Base64URL.encode(claims))"
            let token = "\(input).\(Base64URL.encode(try own.signature(for: Data(input.utf8)).rawRepresentation))"
            await #expect(throws: TokenRefusal.self) { try await bench.verifier.verify(token) }
        }
        // HS256 under the RSA key's public half, as whoever has it can sign.
        let head = Base64URL.encode(Array(#"{"alg":"HS256","kid":"rsa"}"#.utf8)) + "." + Base64URL.encode(claims)
        let secret = SymmetricKey(data: Array(bench.rsa.publicKey.pemRepresentation.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array(head.utf8), using: secret)
        await #expect(throws: TokenRefusal.algorithm) {
            try await bench.verifier.verify("\(head).\(Base64URL.encode(Array(code)))")
        }
    }

    @Test("a service speaks for itself alone, to the callee alone")
    func serviceTokens() async throws {
        let bench = try TokenBench()
        let mine = try bench.serviceCredentials("conversations", bench.service)
        let principal = try await bench.verifier.verify(try await mine.token(for: "contacts"))
        #expect(principal.kind == .service)
        #expect(principal.subject == "conversations")
        #expect(principal.tenantID == nil)
        let elsewhere = try await mine.token(for: "templates")
        await #expect(throws: TokenRefusal.audience) { try await bench.verifier.verify(elsewhere) }
        // Signed with templates' key, in the name of conversations.
        let impostor = try bench.serviceCredentials("conversations", bench.other)
        let forged = try await impostor.token(for: "contacts")
        await #expect(throws: TokenRefusal.signature) { try await bench.verifier.verify(forged) }
    }

    @Test("conversations vouches for visitors, templates does not")
    func visitorTokens() async throws {
        let bench = try TokenBench()
        func token(_ issuer: String, _ key: P256.Signing.PrivateKey) async throws -> String {
            try await bench.serviceCredentials(issuer, key).sign(
                TokenClaims(
                    issuer: issuer, audience: ["switchboard"], subject: "v1", kind: .visitor, tenantID: TokenBench.tenant,
                    visitorID: "v1", accountID: "a1", issued: TokenBench.now, expires: TokenBench.now.advanced(by: .seconds(60))))
        }
        let visitor = try await bench.verifier.verify(try await token("conversations", bench.service))
        #expect(visitor.visitor == .init(visitorID: "v1", accountID: "a1"))
        #expect(visitor.permissions == [.widgetUse])
        let forged = try await token("templates", bench.other)
        await #expect(throws: TokenRefusal.claims) { try await bench.verifier.verify(forged) }
    }
}
