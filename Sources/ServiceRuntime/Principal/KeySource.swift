import AsyncHTTPClient
import Foundation
import Logging
import NIOCore

/// Where an issuer's keys come from, with what was last seen there.
///
/// Read anew when it is older than `refreshAfter`, and at once for an unknown key, but at most once in `refetchAfter`. What
/// was read last is kept when a fetch fails.
package actor KeySource {
    static let refreshAfter: Duration = .seconds(300)
    static let refetchAfter: Duration = .seconds(60)
    /// While no keys are held, as at a start without the issuer.
    static let retryAfter: Duration = .seconds(1)
    static let fetchTimeout: Duration = .seconds(5)
    static let documentBytesMax = 1 << 20

    package typealias Fetch = @Sendable () async throws -> [UInt8]

    private let fetch: Fetch
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private var held: KeySet?
    private var attempted: ContinuousClock.Instant?
    private var isFetching = false
    private var waiting: [CheckedContinuation<Bool, Never>] = []

    package init(
        logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, fetch: @escaping Fetch
    ) {
        self.logger = logger
        self.now = now
        self.fetch = fetch
    }

    /// From an `http(s)` URL or a file.
    package init(
        location: String, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.init(logger: logger, now: now) {
            if location.hasPrefix("http://") || location.hasPrefix("https://") { return try await Self.get(location) }
            return Array(try Data(contentsOf: URL(filePath: location)))
        }
    }

    func key(_ keyID: String) async throws(TokenRefusal) -> KeySet.Key {
        if isDue(for: keyID) { await refresh() }
        guard let held else { throw .keysUnavailable }
        guard let key = held.keys[keyID] else { throw .unknownKey }
        return key
    }

    private func isDue(for keyID: String) -> Bool {
        guard let attempted else { return true }
        let interval = held.map { $0.keys[keyID] == nil ? Self.refetchAfter : Self.refreshAfter } ?? Self.retryAfter
        return attempted.duration(to: now()) >= interval
    }

    /// One fetch at a time, by whoever came first; who comes meanwhile waits for its outcome.
    private func refresh() async {
        while isFetching {
            if await withCheckedContinuation({ waiting.append($0) }) { return }
        }
        isFetching = true
        let isSettled = await load()
        isFetching = false
        for one in waiting { one.resume(returning: isSettled) }
        waiting = []
    }

    /// - Returns: false when the caller was cancelled, which says nothing about the issuer: the next one fetches.
    private func load() async -> Bool {
        do {
            held = try await KeySet(jwks: try await fetch())
        } catch {
            if Task.isCancelled { return false }
            logger.warning("an issuer's keys could not be read", metadata: ["held": "\(held?.keys.count ?? 0)"])
        }
        attempted = now()
        return true
    }

    private static func get(_ url: String) async throws -> [UInt8] {
        let response = try await HTTPClient.direct.execute(
            HTTPClientRequest(url: url), timeout: TimeAmount(fetchTimeout))
        guard response.status == .ok else { throw TokenRefusal.keysUnavailable }
        return Array(try await response.body.collect(upTo: documentBytesMax).readableBytesView)
    }
}
