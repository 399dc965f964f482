@testable import ServiceRuntime

/// Tokens and tags that callers bring back.
enum Tokens {
    private static let pages = PageTokens(secret: [1, 2, 3])
    private static let arguments = ["ListContacts", "", ""]

    /// The input as a token, as sort keys of a true token, and as what changes that token.
    static func page(_ input: [UInt8]) -> Bool {
        _ = try? pages.keys(of: String(decoding: input, as: UTF8.self), count: 2, arguments: arguments)
        let keys = [String(decoding: input.prefix(200), as: UTF8.self), "2026-01-01T00:00:00Z"]
        let token = pages.token(after: keys, arguments: arguments)
        precondition((try? pages.keys(of: token, count: 2, arguments: arguments)) == keys, "sort keys change on their way")
        precondition((try? pages.keys(of: token, count: 2, arguments: [])) == nil, "a token of another list is taken")
        var forged = Array(token.utf8)
        for (index, byte) in input.prefix(8).enumerated() { forged[index * 7 % forged.count] ^= byte }
        let text = String(decoding: forged, as: UTF8.self)
        let read = try? pages.keys(of: text, count: 2, arguments: arguments)
        precondition(read == nil || text == token || text.isEmpty, "a forged token is taken")
        return read != nil
    }

    /// The input as a token; and its two lines as the header and the claims of one.
    static func access(_ input: [UInt8]) -> Bool {
        if (try? TokenHeader(String(decoding: input, as: UTF8.self))) != nil { return true }
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let parts = lines.map { Base64URL.encode($0) }
        guard let header = try? TokenHeader((parts + ["AQ"]).joined(separator: ".")) else { return false }
        precondition(TokenHeader.algorithms.contains(header.algorithm), "an algorithm that is not listed is taken")
        return true
    }

    static func etag(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        _ = try? ETag.expectedVersion(text)
        guard let tag = ETag(text) else { return false }
        precondition(tag.description == text, "two texts are one etag")
        return true
    }
}
