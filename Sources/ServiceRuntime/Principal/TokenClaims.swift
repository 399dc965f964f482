import JWTKit
import FoundationEssentials
import WallTime

/// The claims of every token we make or take (RFC 7519, RFC 9068).
package struct TokenClaims: Sendable, Hashable {
    package var issuer: String
    package var audience: [String]
    package var subject: String
    package var kind: Principal.Kind
    package var tenantID: UUID?
    package var name: String
    package var roles: [String]
    /// Permissions beyond those of kind and roles; what an API key is limited to.
    package var permissions: [String]
    /// A visitor's address, and the channel account of his widget.
    package var visitorID: String?
    package var accountID: String?
    /// Origin of the page that opened a visitor's session.
    package var origin: String?
    package var issued: Instant
    package var notBefore: Instant?
    package var expires: Instant

    package init(
        issuer: String, audience: [String], subject: String, kind: Principal.Kind, tenantID: UUID? = nil, name: String = "",
        roles: [String] = [], permissions: [String] = [], visitorID: String? = nil, accountID: String? = nil,
        origin: String? = nil, issued: Instant, notBefore: Instant? = nil, expires: Instant
    ) {
        self.issuer = issuer
        self.audience = audience
        self.subject = subject
        self.kind = kind
        self.tenantID = tenantID
        self.name = name
        self.roles = roles
        self.permissions = permissions
        self.visitorID = visitorID
        self.accountID = accountID
        self.origin = origin
        self.issued = issued
        self.notBefore = notBefore
        self.expires = expires
    }
}

extension TokenClaims: JWTPayload {
    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, kind, tenant, name, roles, permissions, visitor, account, origin, iat, nbf, exp
    }

    package init(from decoder: any Decoder) throws {
        let claims = try decoder.container(keyedBy: CodingKeys.self)
        issuer = try claims.decode(String.self, forKey: .iss)
        if let several = try? claims.decode([String].self, forKey: .aud) {
            audience = several
        } else {
            audience = [try claims.decode(String.self, forKey: .aud)]
        }
        subject = try claims.decode(String.self, forKey: .sub)
        kind = try claims.decodeIfPresent(Principal.Kind.self, forKey: .kind) ?? .agent
        if let text = try claims.decodeIfPresent(String.self, forKey: .tenant) {
            guard let id = UUID(id: text) else {
                throw DecodingError.dataCorruptedError(forKey: .tenant, in: claims, debugDescription: "not an id")
            }
            tenantID = id
        }
        name = try claims.decodeIfPresent(String.self, forKey: .name) ?? ""
        roles = try claims.decodeIfPresent([String].self, forKey: .roles) ?? []
        permissions = try claims.decodeIfPresent([String].self, forKey: .permissions) ?? []
        visitorID = try claims.decodeIfPresent(String.self, forKey: .visitor)
        accountID = try claims.decodeIfPresent(String.self, forKey: .account)
        origin = try claims.decodeIfPresent(String.self, forKey: .origin)
        issued = try claims.instant(.iat) ?? .unixEpoch
        notBefore = try claims.instant(.nbf)
        guard let exp = try claims.instant(.exp) else {
            throw DecodingError.dataCorruptedError(forKey: .exp, in: claims, debugDescription: "a token without an end")
        }
        expires = exp
    }

    package func encode(to encoder: any Encoder) throws {
        var claims = encoder.container(keyedBy: CodingKeys.self)
        try claims.encode(issuer, forKey: .iss)
        if audience.count == 1 { try claims.encode(audience[0], forKey: .aud) } else { try claims.encode(audience, forKey: .aud) }
        try claims.encode(subject, forKey: .sub)
        try claims.encode(kind, forKey: .kind)
        try claims.encodeIfPresent(tenantID?.text, forKey: .tenant)
        if !name.isEmpty { try claims.encode(name, forKey: .name) }
        if !roles.isEmpty { try claims.encode(roles, forKey: .roles) }
        if !permissions.isEmpty { try claims.encode(permissions, forKey: .permissions) }
        try claims.encodeIfPresent(visitorID, forKey: .visitor)
        try claims.encodeIfPresent(accountID, forKey: .account)
        try claims.encodeIfPresent(origin, forKey: .origin)
        try claims.encode(issued.secondsAndNanoseconds.seconds, forKey: .iat)
        try claims.encodeIfPresent(notBefore?.secondsAndNanoseconds.seconds, forKey: .nbf)
        try claims.encode(expires.secondsAndNanoseconds.seconds, forKey: .exp)
    }

    /// Times, issuer and audience are judged by `TokenVerifier`, which knows what to expect.
    package func verify(using algorithm: some JWTAlgorithm) throws {}
}

extension KeyedDecodingContainer {
    /// A NumericDate: seconds, fractions allowed (RFC 7519, 2). Out of range is clamped, never a trap.
    fileprivate func instant(_ key: Key) throws -> Instant? {
        guard let seconds = try decodeIfPresent(Double.self, forKey: key) else { return nil }
        guard seconds.isFinite else { return nil }
        return Instant(seconds: Int64(min(max(seconds, -62_135_596_800), 253_402_300_799)))
    }
}
