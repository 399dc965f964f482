import HTTP2
import InMemoryLogging
import Logging
import MetricsTestKit
import Testing
import Trials

@testable import GRPC

/// A server under attack, and what it says about it.
struct Siege {
    let loopback: Loopback
    private let metrics: TestMetrics
    private let log: InMemoryLogHandler

    /// Runs `body` against a server at the edge's limits; afterwards another connection must still be served.
    static func run(
        _ http2: HTTP2Limits = .edge, _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ routes: (inout Router) -> Void = { _ in }, _ body: (Siege) async throws -> Void
    ) async throws {
        let (metrics, log) = (TestMetrics(), InMemoryLogHandler())
        var configuration = ServerConfiguration()
        configuration.http2 = http2
        configuration.metrics = metrics
        configuration.logger = Logger(label: "siege", factory: { _ in log })
        configure(&configuration)
        try await Loopback.run(configuration: configuration) { router in
            router.unary(.read) { (note: Note, _) in note }
            routes(&router)
        } _: { loopback in
            // The victim's connection is there before the attack, and works through it.
            let _: Note = try await loopback.channel.unary(.read, Note("before"))
            try await body(Siege(loopback: loopback, metrics: metrics, log: log))
            let note: Note = try await loopback.channel.unary(.read, Note("after"), CallOptions(timeout: .seconds(10)))
            #expect(note.text == "after")
        }
    }

    func connect(preface: Bool = true) async throws -> RawPeer {
        let peer = try await RawPeer.connect(to: loopback.port)
        if preface { peer.send(.preface) }
        return peer
    }

    /// How often the limit was counted.
    func count(_ limit: String) -> Int64 {
        metrics.counterTotal(label: "grpc_server_limits_passed_total", dimensions: [("limit", limit)])
    }

    /// How many lines of the log name the limit.
    private func lines(_ limit: String) -> Int {
        log.entries.filter { $0.metadata["limit"] == "\(limit)" }.count
    }

    /// Awaits that the limit is counted, and that one line of the log names it: the server counts first and logs then.
    func expectNamed(_ limit: String) async throws {
        try await eventually { count(limit) > 0 && lines(limit) > 0 }
        #expect(lines(limit) == 1)
    }

    /// Awaits the end of the attacker's connection, by GOAWAY with ENHANCE_YOUR_CALM and the limit's name.
    func expectCalmed(_ peer: RawPeer, _ limit: String) async throws {
        try await eventually { peer.isClosed }
        // A socket that is closed with bytes unread may take the GOAWAY with it, but never changes it.
        if let goAway = peer.goAway, !goAway.debugData.isEmpty {
            #expect(goAway.code == HTTP2ErrorCode.enhanceYourCalm.rawValue)
            #expect(goAway.debugData == limit)
        }
        try await expectNamed(limit)
    }
}
