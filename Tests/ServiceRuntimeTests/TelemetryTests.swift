import Foundation
import GRPC
import Logging
import Metrics
import Synchronization
import Testing
import WallTime

@testable import ServiceRuntime

@Suite("Logs, metrics, traces")
struct TelemetryTests {
    /// Keeps the lines that a logger wrote.
    final class Lines: Sendable {
        private let held = Mutex<[String]>([])
        var all: [String] { held.withLock { $0 } }
        func logger() -> Logger {
            Logger(label: "test") { label in
                JSONLogHandler(service: "contacts", label: label) { [self] line in
                    held.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        }
    }

    static let canaries = [
        "jane.canary+tag@mail.example.com", "+55 11 91234-5678", "5511912345678", "(011) 91234-5678",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "sk_live_c2VjcmV0c2VjcmV0", "4111 1111 1111 1111",
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----",
        "postgresql://contacts_runtime:hunter2@db/contacts",
    ]

    @Test("canaries in every field of an event never reach the log", arguments: canaries)
    func canariesAreStruckOut(_ canary: String) throws {
        let lines = Lines()
        var logger = lines.logger()
        logger[metadataKey: "kept"] = "\(canary)"
        logger.error("it said \(canary), then left", metadata: ["error": "(\(canary))", "list": ["\(canary)"]])
        let line = try #require(lines.all.first)
        let secret = ["hunter2", "MIGHAg", "canary", "91234", "5511912345678", "c2lnbmF0dXJl", "c2VjcmV0", "1111 1111"]
        for part in secret { #expect(!line.contains(part), "\(part) is in the log: \(line)") }
    }

    @Test("ids, times and addresses of machines stay readable")
    func harmlessValues() {
        for text in [
            "0198f0c0-7d3a-7abc-8def-001122334455", "2026-11-21T09:30:00.123456Z", "127.0.0.1:9001",
            "4bf92f3577b34da6a3ce929d0e0e4736", "/switchboard.contacts.v1.ContactsService/GetContact", "PostgreSQL 08006",
        ] {
            #expect(Redaction.clean(text) == text)
        }
    }

    @Test("an event is one line of JSON, whatever is in it, with trace and request ids")
    func oneLine() throws {
        let lines = Lines()
        let trace = TraceContext()
        TraceContext.$current.withValue(trace) {
            RequestID.$current.withValue("r-1") {
                lines.logger().warning("two\nlines \"quoted\" \\ \u{1} \u{2028} ünï", metadata: ["a": "1"])
            }
        }
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { !$0.isNewline })
        let fields = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(fields["message"] == "two\nlines \"quoted\" \\ \u{1} \u{2028} ünï")
        #expect(fields["trace_id"] == trace.traceID)
        #expect(fields["request_id"] == "r-1")
        #expect(fields["service"] == "contacts")
        #expect(fields["level"] == "warning")
        #expect(fields["a"] == "1")
    }

    @Test("traceparent: what is valid is taken, what is not is ignored")
    func traceparents() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceContext(traceparent: good)?.traceparent == good)
        #expect(TraceContext(traceparent: "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more") != nil)
        for bad in [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            #expect(TraceContext(traceparent: bad) == nil, "\(bad) was taken")
        }
        let long = String(repeating: "x", count: 513)
        #expect(TraceContext(traceparent: good, tracestate: long)?.state == "")
    }

    @Test("a child span keeps the trace; an event carries it on")
    func traceThroughEvents() async {
        let trace = TraceContext()
        let inside = await TraceContext.continuing(trace.traceparent) { TraceContext.current }
        #expect(inside?.traceID == trace.traceID)
        #expect(inside?.spanID != trace.spanID)
        let fresh = await TraceContext.continuing(nil) { TraceContext.current }
        #expect(fresh != nil && fresh?.traceID != trace.traceID)
    }

    @Test("a request id from outside is taken when it is harmless")
    func requestIDs() {
        #expect(RequestID.accept("a.B_9-z") == "a.B_9-z")
        for bad in [nil, "", "a b", "ü", "a\n", String(repeating: "a", count: 65)] { #expect(RequestID.accept(bad) == nil) }
        #expect(RequestID.accept(RequestID.make()) != nil)
    }

    @Test("metrics are written as Prometheus reads them")
    func exposition() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "calls.total", dimensions: [("code", "a\"b\\c\nd")]).increment(by: 3)
        registry.makeRecorder(label: "depth", dimensions: [], aggregate: false).record(2.5)
        registry.makeTimer(label: "took_seconds", dimensions: [("m", "x")]).recordNanoseconds(30_000_000)
        let text = registry.exposition()
        #expect(text.contains("# TYPE calls_total counter\ncalls_total{code=\"a\\\"b\\\\c\\nd\"} 3\n"))
        #expect(text.contains("# TYPE depth gauge\ndepth 2.5\n"))
        #expect(text.contains("took_seconds_bucket{m=\"x\",le=\"0.025\"} 0\n"))
        #expect(text.contains("took_seconds_bucket{m=\"x\",le=\"0.05\"} 1\n"))
        #expect(
            text.contains(
                "took_seconds_bucket{m=\"x\",le=\"+Inf\"} 1\ntook_seconds_sum{m=\"x\"} 0.03\ntook_seconds_count{m=\"x\"} 1\n"))
    }
}
