import FoundationEssentials

/// What a token says about itself before anything of it is believed.
///
/// jwt-kit takes any key for an unknown `kid`, takes the algorithm from the token and ignores `crit`, so these are judged
/// here first (RFC 8725, 3.1 and 3.2).
struct TokenHeader {
    /// The longest token looked at, in bytes.
    static let tokenBytesMax = 8_192
    static let algorithms: Set<String> = ["RS256", "ES256", "EdDSA"]
    static let types: Set<String> = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]

    let algorithm: String
    let keyID: String
    /// Which issuer the token names, believed only once its signature holds.
    let claimedIssuer: String

    init(_ token: String) throws(TokenRefusal) {
        guard token.utf8.count <= Self.tokenBytesMax else { throw .malformed }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty, let head = Base64URL.decode(parts[0]),
            let body = Base64URL.decode(parts[1]), Base64URL.decode(parts[2]) != nil,
            let header = try? JSONDecoder().decode(Fields.self, from: Data(head)),
            let claims = try? JSONDecoder().decode(Issuer.self, from: Data(body)),
            !hasRepeatedMembers(head), !hasRepeatedMembers(body)
        else { throw .malformed }
        guard Self.algorithms.contains(header.alg) else { throw .algorithm }
        guard !header.hasCrit else { throw .critical }
        if let type = header.typ, !Self.types.contains(type.lowercased()) { throw .type }
        guard let kid = header.kid, (1...200).contains(kid.utf8.count) else { throw .unknownKey }
        algorithm = header.alg
        keyID = kid
        claimedIssuer = claims.iss
    }

    private struct Fields: Decodable {
        let alg: String
        let kid: String?
        let typ: String?
        let hasCrit: Bool

        enum CodingKeys: CodingKey { case alg, kid, typ, crit }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            alg = try fields.decode(String.self, forKey: .alg)
            kid = try fields.decodeIfPresent(String.self, forKey: .kid)
            typ = try fields.decodeIfPresent(String.self, forKey: .typ)
            hasCrit = fields.contains(.crit)
        }
    }

    private struct Issuer: Decodable {
        let iss: String
    }
}

/// Why a token was not taken. The caller learns only that it was not; this is for the log and the metric.
package enum TokenRefusal: String, Error, Sendable, Hashable, CaseIterable {
    case malformed, algorithm, critical, type
    case unknownIssuer, unknownKey, signature
    case audience, expired, notYet, claims
    /// The issuer's keys could not be had, and none are held.
    case keysUnavailable
}
