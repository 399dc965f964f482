import Crypto

/// Makes and reads page tokens (AIP-158): opaque, URL-safe, and good for one list with one set of arguments only.
///
/// A token holds the sort keys after which the next page begins, a digest of the arguments, and an HMAC tag over both. It
/// carries no authority: the query it goes into is the caller's own.
package struct PageTokens: Sendable {
    /// The longest token accepted, in bytes of base64url.
    package static let tokenBytesMax = 2_048
    private static let version: UInt8 = 1
    private static let tagBytes = 16

    private let key: SymmetricKey

    /// `secret` is the same on all replicas of a service.
    package init(secret: [UInt8]) {
        key = SymmetricKey(data: SHA256.hash(data: Array("switchboard page token".utf8) + secret))
    }

    /// - Parameters:
    ///   - keys: the last row's sort keys, in order.
    ///   - arguments: every argument of the request that the next page must repeat, page size excepted.
    package func token(after keys: [String], arguments: [String]) -> String {
        var bytes: [UInt8] = [Self.version]
        for key in keys {
            let utf8 = Array(key.utf8.prefix(Int(UInt16.max)))
            bytes += [UInt8(utf8.count >> 8), UInt8(utf8.count & 0xFF)] + utf8
        }
        return Base64URL.encode(bytes + tag(of: bytes, arguments))
    }

    /// The sort keys; nil for the first page (an empty token).
    /// - Throws: PAGE_TOKEN_INVALID for a token that is forged, cut, of another list or of other arguments.
    package func keys(of token: String, count: Int, arguments: [String]) throws(Failure) -> [String]? {
        if token.isEmpty { return nil }
        guard token.utf8.count <= Self.tokenBytesMax, let bytes = Base64URL.decode(token),
            bytes.count > Self.tagBytes, bytes[0] == Self.version
        else { throw .pageTokenInvalid }
        let body = Array(bytes.dropLast(Self.tagBytes))
        guard constantTimeEqual(tag(of: body, arguments), Array(bytes.suffix(Self.tagBytes))),
            let keys = Self.split(body.dropFirst()), keys.count == count
        else { throw .pageTokenInvalid }
        return keys
    }

    private func tag(of body: [UInt8], _ arguments: [String]) -> [UInt8] {
        var hmac = HMAC<SHA256>(key: key)
        for argument in arguments {
            hmac.update(data: Array(SHA256.hash(data: Array(argument.utf8))))
        }
        hmac.update(data: body)
        return Array(hmac.finalize().prefix(Self.tagBytes))
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> [String]? {
        var rest = bytes
        var keys: [String] = []
        while !rest.isEmpty {
            guard rest.count >= 2 else { return nil }
            let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            guard rest.count >= count, let key = String(validating: rest.prefix(count), as: UTF8.self) else { return nil }
            keys.append(key)
            rest = rest.dropFirst(count)
        }
        return keys
    }
}

/// Compares without telling by its time where two values differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}

/// A list request's page size: 0 means the default, more than the maximum means the maximum.
package func pageSize(_ requested: Int32, default standard: Int = 50, max: Int = 200) throws(Failure) -> Int {
    guard requested >= 0 else { throw .invalid("page_size", "is negative") }
    return requested == 0 ? standard : min(Int(requested), max)
}
