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
    static let fetchTimeout: Duration = .seconds(5)
    static let documentBytesMax = 1 << 20

    package typealias Fetch = @Sendable () async throws -> [UInt8]

    private let fetch: Fetch
    private let logger: Logger
    private let refetchAfter: Duration
    private var held: KeySet?
    private var fetched: ContinuousClock.Instant?
    private var running: Task<Void, Never>?

    package init(logger: Logger, refetchAfter: Duration? = nil, fetch: @escaping Fetch) {
        self.logger = logger
        self.refetchAfter = refetchAfter ?? Self.refetchAfter
        self.fetch = fetch
    }

    /// From an `http(s)` URL or a file.
    package init(location: String, logger: Logger) {
        self.init(logger: logger) {
            if location.hasPrefix("http://") || location.hasPrefix("https://") { return try await Self.get(location) }
            return Array(try Data(contentsOf: URL(filePath: location)))
        }
    }

    func key(_ keyID: String) async throws(TokenRefusal) -> KeySet.Key {
        if let key = held?.keys[keyID], age < Self.refreshAfter { return key }
        if held == nil || age >= (held?.keys[keyID] == nil ? refetchAfter : Self.refreshAfter) { await refresh() }
        guard let held else { throw .keysUnavailable }
        guard let key = held.keys[keyID] else { throw .unknownKey }
        return key
    }

    private var age: Duration { fetched.map { .now - $0 } ?? .seconds(86_400) }

    /// One fetch at a time; whoever comes meanwhile waits for it.
    private func refresh() async {
        if let running { return await running.value }
        let task = Task { await self.load() }
        running = task
        await task.value
        running = nil
    }

    private func load() async {
        do {
            let document = try await fetch()
            held = try await KeySet(jwks: document)
            fetched = .now
        } catch {
            // With nothing held, the next token asks again; with something held, not before the interval has passed.
            if held != nil { fetched = .now }
            logger.warning("an issuer's keys could not be read", metadata: ["held": "\(held?.keys.count ?? 0)"])
        }
    }

    private static func get(_ url: String) async throws -> [UInt8] {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url), timeout: TimeAmount(fetchTimeout))
        guard response.status == .ok else { throw TokenRefusal.keysUnavailable }
        return Array(try await response.body.collect(upTo: documentBytesMax).readableBytesView)
    }
}
