import Crypto
import Foundation
import JWTKit
import WallTime

/// Keys for trials and tests: a local issuer of people's tokens, and each service's own key, in one directory.
///
/// `issuer.pem`, `contacts.pem` ... are private (mode 0600); `token-jwks.json` and `service-jwks.json` are what
/// SWITCHBOARD_TOKEN_JWKS and SWITCHBOARD_SERVICE_JWKS name.
package struct LocalKeys: Sendable {
    package static let issuer = "switchboard-local"
    package static let audience = "switchboard"
    private static let issuerKeyID = "local"

    package let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package var tokenJWKS: String { path("token-jwks.json") }
    package var serviceJWKS: String { path("service-jwks.json") }
    package func privateKey(of service: String) -> String { path("\(service).pem") }

    /// Makes what is missing and keeps what is there; writes both public sets anew.
    /// - Returns: the names of the keys that were made.
    @discardableResult
    package func create(services: [String]) throws -> [String] {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var made: [String] = []
        let issuer = try key("issuer", &made)
        let keys = try services.map { ($0, try key($0, &made)) }
        try write(jwks: [(Self.issuerKeyID, issuer)], to: tokenJWKS)
        try write(jwks: keys, to: serviceJWKS)
        return made
    }

    /// A token of the local issuer's for an agent.
    package func agentToken(
        tenantID: UUID, agentID: UUID, name: String, roles: [String], lifetime: Duration = .seconds(3_600),
        now: Instant = .now
    ) async throws -> String {
        let claims = TokenClaims(
            issuer: Self.issuer, audience: [Self.audience], subject: agentID.text, kind: .agent, tenantID: tenantID,
            name: name, roles: roles, issued: now, expires: now.advanced(by: lifetime))
        let keys = JWTKeyCollection()
        let kid = JWKIdentifier(string: Self.issuerKeyID)
        await keys.add(ecdsa: try ES256PrivateKey(pem: String(contentsOfFile: path("issuer.pem"), encoding: .utf8)), kid: kid)
        return try await keys.sign(claims, kid: kid, header: ["typ": "JWT"])
    }

    private func path(_ file: String) -> String { "\(directory)/\(file)" }

    private func key(_ name: String, _ made: inout [String]) throws -> P256.Signing.PrivateKey {
        let path = path("\(name).pem")
        if let pem = try? String(contentsOfFile: path, encoding: .utf8) {
            return try P256.Signing.PrivateKey(pemRepresentation: pem)
        }
        let key = P256.Signing.PrivateKey()
        // The mode is set before there is anything to read.
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(key.pemRepresentation.utf8), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        made.append(name)
        return key
    }

    private func write(jwks keys: [(kid: String, key: P256.Signing.PrivateKey)], to path: String) throws {
        let entries = keys.map { entry -> String in
            let point = Array(entry.key.publicKey.rawRepresentation)
            let x = Base64URL.encode(point.prefix(32))
            let y = Base64URL.encode(point.suffix(32))
            return #"{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"\#(entry.kid)","x":"\#(x)","y":"\#(y)"}"#
        }
        let document = "{\"keys\":[\n" + entries.joined(separator: ",\n") + "\n]}\n"
        try Data(document.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
