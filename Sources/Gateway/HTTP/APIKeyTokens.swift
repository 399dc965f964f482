import Crypto
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Synchronization
import WallTime

/// API keys at the edge (P8): routing, whose they are, turns a key into a token of five minutes, which goes on in the key's
/// place until it is nearly over. No service but routing ever sees a key.
final class APIKeyTokens: Sendable {
    static let prefix = "sk_"
    static let entriesMax = 10_000
    /// A token that ends sooner is not begun with: what it opens must be through by then.
    static let margin: Swift.Duration = .seconds(30)

    private struct Entry {
        var token: String
        var until: Instant
    }

    private let keys: ApiKeysServiceClient
    private let now: @Sendable () -> Instant
    private let known = Mutex<[SHA256Digest: Entry]>([:])

    init(_ keys: ApiKeysServiceClient, now: @escaping @Sendable () -> Instant) {
        self.keys = keys
        self.now = now
    }

    /// The token that speaks for a key's holder.
    /// - Throws: UNAUTHENTICATED, API_KEY_INVALID.
    func token(for key: String) async throws -> String {
        let (digest, now) = (SHA256.hash(data: Array(key.utf8)), now())
        if let entry = known.withLock({ $0[digest] }), now < entry.until { return entry.token }
        let answer = try await keys.exchangeApiKey(ExchangeApiKeyRequest(secret: key))
        let ends = answer.accessTokenExpireTime.map { Instant($0) } ?? now
        let entry = Entry(token: answer.accessToken, until: ends.advanced(by: Swift.Duration.zero - Self.margin))
        known.withLock { remember(entry, digest, at: now, in: &$0) }
        return entry.token
    }

    /// Makes room first: by what has run out, and where that is not enough by starting over.
    private func remember(_ entry: Entry, _ digest: SHA256Digest, at now: Instant, in known: inout [SHA256Digest: Entry]) {
        if known.count >= Self.entriesMax { known = known.filter { now < $0.value.until } }
        if known.count >= Self.entriesMax { known.removeAll(keepingCapacity: true) }
        known[digest] = entry
    }
}

/// The token that goes on in the place of what a request brought.
final class TokenNote: Sendable {
    private let noted = Mutex<String?>(nil)

    var token: String? { noted.withLock { $0 } }

    func note(_ token: String) { noted.withLock { $0 = token } }
}
