import GRPC

/// A place in a trace, as W3C Trace Context carries it from call to call and through events.
package struct TraceContext: Sendable, Hashable {
    /// 32 lower-case hex digits, not all zero.
    package var traceID: String
    /// 16 lower-case hex digits, not all zero: the span that is running.
    package var spanID: String
    package var isSampled: Bool
    /// Other systems' data, passed on untouched; at most 512 characters.
    package var state: String

    static let stateLengthMax = 512

    @TaskLocal package static var current: TraceContext?

    /// A new trace.
    package init(isSampled: Bool = false) {
        self.init(traceID: Self.hex(16), spanID: Self.hex(8), isSampled: isSampled, state: "")
    }

    init(traceID: String, spanID: String, isSampled: Bool, state: String) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// From the header `traceparent` (W3C Trace Context, 3.2). Nil for one that must be ignored.
    package init?(traceparent: String, tracestate: String = "") {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), parts[0] != "ff", Self.isHex(parts[1], 32),
            Self.isHex(parts[2], 16), Self.isHex(parts[3], 2), parts[0] != "00" || parts.count == 4,
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.init(
            traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1,
            state: tracestate.count <= Self.stateLengthMax ? tracestate : "")
    }

    /// The header `traceparent`; also the form in which an event carries it.
    package var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// The next span of the same trace.
    package var child: TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hex(8), isSampled: isSampled, state: state)
    }

    /// Runs `body` as a part of the trace that an event was written in; a new trace without one.
    package static func continuing<Answer>(
        _ traceparent: String?, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        let context = traceparent.flatMap { TraceContext(traceparent: $0) }?.child ?? TraceContext()
        return try await $current.withValue(context, operation: body)
    }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// That many random bytes, a multiple of eight, as digits. The system is asked once for eight, which are not all zero.
    private static func hex(_ count: Int) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(count * 2)
        for _ in 0..<count / 8 {
            let word = UInt64.random(in: 1 ... .max)
            for place in 1...16 { digits.append(Hexadecimal.digit(UInt8(word >> (64 - 4 * place) & 0xF))) }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// The id of an outside request, for people who search logs. Not the `request_id` of a contract.
package enum RequestID {
    package static let metadataName = "x-request-id"

    @TaskLocal package static var current: String?

    /// `[A-Za-z0-9._-]{1,64}` (API.md 10). Nil for anything else.
    package static func accept(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let fits = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "." || $0 == "_" || $0 == "-")
        }
        return fits ? text : nil
    }

    package static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
