import Foundation
import GRPC
import Postgres
import ServiceRuntime
import Testing

@testable import Gateway

/// What a change does when it is repeated, and when its object has moved on: for every method whose request carries a
/// `request_id` or an `etag`.
@Suite("Repetitions", .serialized)
struct RepetitionTests {
    @Test("every change takes its request_id once, and refuses a stale etag", .timeLimit(.minutes(5)))
    func everyChange() async throws {
        try await Place.with { place in
            var lines: [String] = []
            var counts = (requestIDs: 0, etags: 0)
            for subject in try await Subject.all(of: [.unary], in: place) {
                let scene = try await subject.scene()
                let (_, error) = try await subject.call(try subject.request(in: scene), in: scene)
                #expect(error == nil, "\(subject.name): its example is answered with \(subject.form.told(error))")
                if subject.requestID != nil {
                    lines.append("\(subject.name) \(try await repeated(subject))")
                    counts.requestIDs += 1
                }
                if subject.etag != nil {
                    lines.append("\(subject.name) \(try await stale(subject))")
                    counts.etags += 1
                }
            }
            #expect(counts.requestIDs > 15 && counts.etags > 10)
            try Golden.expect(lines, "repetitions.golden")
            print("repetitions: \(counts.requestIDs) request_ids, \(counts.etags) etags")
        }
    }

    // MARK: - request_id

    private func repeated(_ subject: Subject) async throws -> String {
        let id = try #require(subject.requestID)
        var scene = try await subject.scene()
        var request = try subject.request(in: scene)
        var words = ["request_id"]

        // What is idempotent by its own nature says that it had been there before, and takes its request_id for the log.
        let isNatural = subject.isNatural
        var before = try await subject.place.tables()
        if !isNatural {
            let malformed = try await subject.call(id.setting("no-uuid", in: request), in: scene).error
            words += ["malformed", subject.form.summary(malformed)]
            #expect(malformed?.violations == ["request_id"], "\(subject.name)")
            #expect(try await subject.place.changes(since: before) == [], "\(subject.name)")
        }

        let first = try await subject.call(request, in: scene)
        #expect(first.error == nil, "\(subject.name): \(subject.form.told(first.error))")
        before = try await subject.place.tables()
        let again = try await subject.call(request, in: scene)
        #expect(again.error == nil && (isNatural || again.answer == first.answer), "\(subject.name): \(again)")
        #expect(try await subject.place.changes(since: before) == [], "\(subject.name) has an effect twice")
        words += ["again", subject.form.summary(again.error)]

        if !isNatural, let body = otherBody(subject, request) {
            let other = try await subject.call(body, in: scene)
            words += ["other-body", subject.form.summary(other.error)]
            #expect(other.error?.code == .failedPrecondition && other.error?.reason == "REQUEST_ID_REUSED", "\(subject.name)")
            #expect(try await subject.place.changes(since: before) == [], "\(subject.name) with another body")
        }
        if !isNatural { words += ["in-flight", try await inFlight(subject)] }

        scene = try await subject.scene()
        request = try subject.request(in: scene)
        async let one = subject.call(request, in: scene)
        async let two = subject.call(request, in: scene)
        let both = try await [one, two]
        for error in both.compactMap(\.error) {
            #expect(error.code == .aborted && error.reason == "REQUEST_IN_FLIGHT", "\(subject.name): \(error)")
        }
        let answers = both.filter { $0.error == nil }.map(\.answer)
        #expect(!answers.isEmpty && (isNatural || Set(answers).count == 1), "\(subject.name): \(both)")
        let late = try await subject.call(request, in: scene)
        #expect(late.error == nil && (isNatural || late.answer == answers.first), "\(subject.name) at once: \(late)")
        return words.joined(separator: " ")
    }

    /// A request that differs in one thing; nil for one that is nothing but its id.
    private func otherBody(_ subject: Subject, _ request: JSON) -> JSON? {
        let candidates: [(String, JSON)] = [
            ("reason", "other"), ("link_id", "00000000-0000-7000-8000-000000000099"),
            ("force", true), ("text", "other"), ("status", "DELIVERY_STATUS_READ"), ("up_to_seq", 1), ("verified", true),
            ("contact.note", "other"), ("conversation.labels", ["other"]), ("channel_account.display_name", "other"),
            ("template.footer", "other"), ("report.detail", "other"), ("snippet.title", "other"),
            ("snippet_id", .string(UUIDText.random())),
            ("outcome", "other"), ("label.add", ["other"]), ("notification_ids", [.string(UUIDText.random())]),
            ("identity.address", "other"), ("email", "bea@example.org"), ("remind_time", "2030-01-01T00:00:00Z"),
            ("comment.text", "other"), ("ticket.description", "other"), ("link.kind", "TICKET_LINK_KIND_BLOCKED"),
            ("category.archived", true),
            ("service.archived", true), ("priority.rank", 999), ("calendar.time_zone", "UTC"), ("policy.rank", 9_999),
            ("settings.strictest", true), ("attribute_definition.description", "other"), ("linked_object.stage", "other"),
            ("display_name", "other"), ("department.display_name", "other"), ("agent.display_name", "other"),
            ("role.display_name", "other"), ("settings.outcomes", ["other"]), ("confirm", true), ("consent.evidence", "other"),
            ("report.service", "other"), ("webhook.display_name", "other"), ("etag", "\"99\""),
            ("delivery_id", .string(UUIDText.random())),
            ("message_id", .string(UUIDText.random())), ("conversation_id", .string(UUIDText.random())),
        ]
        for (name, value) in candidates {
            if let field = subject.fields.first(where: { $0.name == name }) {
                let other = field.setting(value, in: request)
                if other != request { return other }
            }
        }
        #expect(subject.fields.count == 1, "\(subject.name): nothing in it differs")
        return nil
    }

    private func inFlight(_ subject: Subject) async throws -> String {
        let scene = try await subject.scene()
        let request = try subject.request(in: scene)
        let answer = try await subject.whileInFlight(request, in: scene) { try await subject.call(request, in: scene) }
        #expect(answer.error?.code == .aborted && answer.error?.reason == "REQUEST_IN_FLIGHT", "\(subject.name): \(answer)")
        let late = try await subject.call(request, in: scene)
        #expect(late.error == nil, "\(subject.name) after it: \(subject.form.told(late.error))")
        return subject.form.summary(answer.error)
    }

    // MARK: - etag

    private func stale(_ subject: Subject) async throws -> String {
        let scene = try await subject.scene()
        let request = try subject.request(in: scene)
        let field = try #require(subject.etag)
        try await scene.bump()
        let before = try await subject.place.tables()
        let stale = try await subject.call(request, in: scene).error
        // Who takes over is told that a colleague was first.
        let reason = subject.method.method == "Take" ? "ALREADY_TAKEN" : "ETAG_MISMATCH"
        #expect(stale?.reason == reason, "\(subject.name): \(subject.form.told(stale))")
        var words = ["etag", "stale", subject.form.summary(stale)]
        for (name, tag) in [("weak", "W/\"1\""), ("malformed", "1"), ("negative", "\"-1\""), ("huge", "\"9223372036854775808\"")]
        {
            let answer = try await subject.call(field.setting(.string(tag), in: request), in: scene).error
            #expect(answer?.code == .aborted, "\(subject.name): \(subject.form.told(answer))")
            words += [name, subject.form.summary(answer)]
        }
        #expect(try await subject.place.changes(since: before) == [], "\(subject.name) under a stale etag")
        return words.joined(separator: " ")
    }
}
