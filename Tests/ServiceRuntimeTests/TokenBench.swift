import Crypto
import CryptoExtras
import Foundation
import JWTKit
import Logging
import Testing
import WallTime

@testable import ServiceRuntime

/// An issuer with an RSA and a P-256 key, and a verifier that trusts it.
struct TokenBench: Sendable {
    static let tenant = UUID.v7(at: Instant(milliseconds: 1))
    static let agent = UUID.v7(at: Instant(milliseconds: 2))
    static let now = Instant(seconds: 1_800_000_000)

    let rsa: JWTKit.Insecure.RSA.PrivateKey
    let ec = ES256PrivateKey()
    let service = P256.Signing.PrivateKey()
    let other = P256.Signing.PrivateKey()
    let verifier: TokenVerifier

    init(offload: OffloadPool = OffloadPool(threads: 1), now: @escaping @Sendable () -> Instant = { Self.now }) throws {
        rsa = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        let document = try Self.jwks([
            Self.rsaJWK(rsa, kid: "rsa"),
            Self.ecJWK(try P256.Signing.PublicKey(pemRepresentation: ec.publicKey.pemRepresentation), kid: "ec"),
        ])
        let services = try Self.jwks([
            Self.ecJWK(service.publicKey, kid: "conversations"), Self.ecJWK(other.publicKey, kid: "templates"),
        ])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        verifier = TokenVerifier(
            service: "contacts", audience: "switchboard",
            persons: [
                "https://issuer": .init(
                    keys: KeySource(logger: logger) { document }, audience: "switchboard", kinds: [.agent, .bot, .integrator])
            ],
            services: KeySource(logger: logger) { services }, offload: offload, now: now)
    }

    func claims(
        issuer: String = "https://issuer", audience: [String] = ["switchboard"], from: Duration = .zero,
        until: Duration = .seconds(600), notBefore: Duration? = nil
    ) -> TokenClaims {
        TokenClaims(
            issuer: issuer, audience: audience, subject: Self.agent.text, kind: .agent, tenantID: Self.tenant, name: "Ana",
            roles: ["agent"], issued: Self.now.advanced(by: from), notBefore: notBefore.map { Self.now.advanced(by: $0) },
            expires: Self.now.advanced(by: until))
    }

    func token(until: Duration = .seconds(600)) async throws -> String {
        try await sign(claims(until: until), .es256, kid: "ec")
    }

    enum Algorithm { case rs256, rs512, es256 }

    func sign(_ claims: TokenClaims, _ algorithm: Algorithm, kid: String, header: JWTHeader = [:]) async throws -> String {
        let keys = JWTKeyCollection()
        let id = JWKIdentifier(string: kid)
        switch algorithm {
        case .rs256: await keys.add(rsa: rsa, digestAlgorithm: .sha256, kid: id)
        case .rs512: await keys.add(rsa: rsa, digestAlgorithm: .sha512, kid: id)
        case .es256: await keys.add(ecdsa: ec, kid: id)
        }
        return try await keys.sign(claims, kid: id, header: header)
    }

    func serviceCredentials(_ name: String, _ key: P256.Signing.PrivateKey) throws -> ServiceCredentials {
        try ServiceCredentials(service: name, key: key.pemRepresentation, now: { Self.now })
    }

    // MARK: -

    static func jwks(_ entries: [String]) throws -> [UInt8] {
        Array("{\"keys\":[\(entries.joined(separator: ","))]}".utf8)
    }

    /// No `alg`, as many issuers have it.
    static func rsaJWK(_ key: JWTKit.Insecure.RSA.PrivateKey, kid: String) throws -> String {
        let (n, e) = try key.publicKey.getKeyPrimitives()
        return #"{"kty":"RSA","kid":"\#(kid)","n":"\#(Base64URL.encode(n))","e":"\#(Base64URL.encode(e))"}"#
    }

    static func ecJWK(_ key: P256.Signing.PublicKey, kid: String) -> String {
        let point = Array(key.rawRepresentation)
        return
            #"{"kty":"EC","crv":"P-256","kid":"\#(kid)","x":"\#(Base64URL.encode(point.prefix(32)))","y":"\#(Base64URL.encode(point.suffix(32)))"}"#
    }

}

/// Header and claims as text, for tokens that no library would make.
func handMade(_ header: String, _ claims: TokenClaims, signature: [UInt8]) throws -> String {
    let body = try JSONEncoder().encode(claims)
    return "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(body)).\(Base64URL.encode(signature))"
}
