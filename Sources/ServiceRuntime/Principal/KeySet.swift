import FoundationEssentials
import JWTKit

/// An issuer's public keys, each bound to its one algorithm.
struct KeySet: Sendable {
    /// The keys of a set beyond this are ignored.
    static let keysMax = 100

    struct Key: Sendable {
        let algorithm: String
        /// Holds this key alone, so that jwt-kit has nothing to choose from.
        let collection: JWTKeyCollection
    }

    private(set) var keys: [String: Key] = [:]

    /// Keys without a `kid`, for encryption, of an algorithm we do not take or malformed ones are left out.
    init(jwks json: [UInt8]) async throws {
        let set = try JSONDecoder().decode(LenientSet.self, from: Data(json))
        for entry in set.keys.prefix(Self.keysMax) {
            guard var jwk = entry.jwk, let kid = jwk.keyIdentifier?.string, entry.use == nil || entry.use == "sig",
                let algorithm = Self.algorithm(of: jwk)
            else { continue }
            jwk.algorithm = algorithm
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: jwk, isDefault: false)) != nil else { continue }
            keys[kid] = Key(algorithm: algorithm.rawValue, collection: collection)
        }
        guard !keys.isEmpty else { throw TokenRefusal.keysUnavailable }
    }

    /// The algorithm a key is for: its own `alg` where it is one of ours, or what its type allows.
    private static func algorithm(of jwk: JWK) -> JWK.Algorithm? {
        let possible: JWK.Algorithm
        switch jwk.keyType {
        case .rsa: possible = .rs256
        case .ecdsa where jwk.curve?.rawValue == "P-256": possible = .es256
        case .octetKeyPair where jwk.curve?.rawValue == "Ed25519": possible = .eddsa
        default: return nil
        }
        guard let stated = jwk.algorithm else { return possible }
        return stated == possible ? possible : nil
    }

    /// One key we cannot read must not cost the others.
    private struct LenientSet: Decodable {
        struct Entry: Decodable {
            let jwk: JWK?
            let use: String?

            enum CodingKeys: CodingKey { case use }

            init(from decoder: any Decoder) throws {
                jwk = try? JWK(from: decoder)
                use = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
            }
        }

        let keys: [Entry]
    }
}
