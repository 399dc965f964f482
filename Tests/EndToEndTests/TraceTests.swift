import ConversationsV1
import EndToEndSupport
import Foundation
import Testing

/// One request, followed from the edge to what its event brings about in another service.
@Suite("Traces", .serialized)
struct TraceTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test("A request's trace is on the calls it leads to, on its event, and on the consumer's work; settling waits for that work")
    func throughCallsAndEvents() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations", "gateway"]) { services in
                let gateway = services["gateway"]
                let (contacts, conversations) = (services["contacts"], services["conversations"])
                for service in services.all { try await service.logs(at: "debug") }
                let session = try await gateway.http(
                    "POST", "/widget/v1/sessions", token: "", body: #"{"widgetKey": "\#(Platform.widgetKey)", "locale": "en"}"#)
                let visitor =
                    try #require(
                        try JSONSerialization.jsonObject(with: Data(session.body.utf8)) as? [String: Any])["accessToken"]
                    as? String
                let sent = try await gateway.http(
                    "POST", "/widget/v1/messages", token: try #require(visitor),
                    headers: ["traceparent": "00-\(Self.traceID)-00f067aa0ba902b7-01"],
                    body: #"{"clientMessageId": "1", "text": "hello"}"#)
                #expect(sent.status < 300, "\(sent.body)")

                // The consumer in contacts has told the conversation's beginning once contacts has come to rest.
                try await contacts.settle()
                let told = try Self.lines(of: contacts, saying: "a timeline has a new line")
                #expect(told.count == 1)
                #expect(told.first?["trace_id"] == Self.traceID)

                let calls = [
                    (conversations, "/switchboard.conversations.v1.WidgetService/SendVisitorMessage"),
                    (contacts, "/switchboard.contacts.v1.ContactsService/ResolveContact"),
                ]
                var spans: Set<String> = []
                for (service, method) in calls {
                    let call = try #require(try Self.lines(of: service, saying: "call").first { $0["method"] == method })
                    #expect(call["trace_id"] == Self.traceID, "\(method)")
                    spans.insert(call["span_id"] ?? "")
                }
                #expect(spans.count == calls.count, "each call is a span of its own")
                let events = try await platform.postgres.query(
                    "select attributes->>'traceparent' from conversations.event where attributes->>'traceparent' like \("%\(Self.traceID)%")"
                )
                #expect(events.count > 0)
            }
        }
    }

    private static func lines(of service: ServiceProcess, saying message: String) throws -> [[String: String]] {
        try readFile(try #require(service.process).logFile).split(separator: "\n").compactMap { line in
            guard let fields = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8)) else { return nil }
            return fields["message"] == message ? fields : nil
        }
    }
}
