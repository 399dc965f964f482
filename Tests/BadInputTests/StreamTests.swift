import GRPC
import Protobuf
import ServiceRuntime
import Testing

@testable import Gateway

/// Streams: too few messages or too many, in the wrong order, of the wrong size, or broken off.
@Suite("Streams", .serialized)
struct StreamTests {
    private typealias Message = JSON
    private static let piece = 262_144

    @Test("every stream refuses what is wrong with a documented error, and nothing changes", .timeLimit(.minutes(3)))
    func everyStream() async throws {
        try await Place.with { place in
            var lines: [String] = []
            let streaming: Set<MethodKind> = [.serverStreaming, .clientStreaming, .bidirectionalStreaming]
            for subject in try await Subject.all(of: streaming, in: place) {
                let scene = try await subject.scene()
                let right = try subject.request(in: scene)
                let before = try await place.tables()
                var words = [subject.name, "by", subject.caller]
                for (name, bytes, code) in try cases(subject, scene, right) {
                    let error = await ended(subject, bytes, try await scene.metadata(subject.caller, to: subject.side.name))
                    subject.form.judge(error, garbage: name.hasPrefix("garbage"))
                    #expect(error?.code == code, "\(subject.name) \(name): \(subject.form.told(error))")
                    words += [name, subject.form.summary(error)]
                }
                let expired = try await place.callers.expiredMetadata(subject.caller, to: subject.side.name)
                let late = await ended(subject, [try Subject.bytes(subject.method.request, right)], expired)
                #expect(late?.reason == "TOKEN_EXPIRED", "\(subject.name)")
                words += ["expired", subject.form.summary(late)]
                #expect(try await place.changes(since: before) == [], "\(subject.name)")
                lines.append(words.joined(separator: " "))
            }
            #expect(lines.count >= 6)
            try Golden.expect(lines, "streams.golden")
        }
    }

    @Test("an upload that is broken off, at any piece, leaves nothing", .timeLimit(.minutes(1)))
    func brokenOff() async throws {
        try await Place.with { place in
            for subject in try await Subject.all(of: [.clientStreaming], in: place) where subject.isUpload {
                let scene = try await subject.scene()
                let header = try Subject.bytes(subject.method.request, try subject.request(in: scene))
                let data = try Self.data(subject, count: Self.piece)
                let before = try await place.tables()
                let metadata = try await scene.metadata(subject.caller, to: subject.side.name)
                let options = CallOptions(timeout: .seconds(30), metadata: metadata)
                try await subject.side.channel.raw(subject.method, options) { requests, _ in
                    try await requests.write(header)
                    for _ in 0..<3 { try await requests.write(data) }
                    // Two pieces are in the database; leaving here cancels the call.
                    while try await place.changes(since: before) == [] { try await Task.sleep(for: .milliseconds(5)) }
                }
                while try await place.changes(since: before) != [] { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }

    @Test("an upload's request_id takes the same bytes once, and other bytes not at all", .timeLimit(.minutes(1)))
    func repeatedUpload() async throws {
        try await Place.with { place in
            let uploads = try await Subject.all(of: [.clientStreaming], in: place)
            let subject = try #require(uploads.first { $0.method.method == "UploadAttachment" })
            let scene = try await subject.scene()
            let field = try #require(subject.fields.first { $0.name == "header.request_id" })
            let request = field.setting(.string(UUIDText.random()), in: try scene.request(subject.example))
            let header = try Subject.bytes(subject.method.request, request)
            let metadata = try await scene.metadata(subject.caller, to: subject.side.name)
            let data = try Self.data(subject, count: Self.piece)
            #expect(await ended(subject, [header, data, data], metadata) == nil)
            let before = try await place.tables()
            #expect(await ended(subject, [header, data, data], metadata) == nil)
            #expect(try await place.administrator.query("select from conversations.attachment").count == 2)
            let reused = await ended(subject, [header, data], metadata)
            #expect(reused?.reason == "REQUEST_ID_REUSED", "\(subject.form.told(reused))")
            #expect(try await place.tables().mapValues(\.rows) == before.mapValues(\.rows))
        }
    }

    // MARK: -

    /// What goes wrong, as the messages that are sent, and the code that answers it.
    private func cases(
        _ subject: Subject, _ scene: Scene, _ right: JSON
    ) throws -> [(String, [[UInt8]], StatusCode)] {
        let bytes = try Subject.bytes(subject.method.request, right)
        let large = RequestShapes.delimited(150_000, [UInt8](repeating: 0x61, count: 5 << 20))
        var cases: [(String, [[UInt8]], StatusCode)] = [
            ("garbage", [[0xFF]], .internal), ("too-large", [large], .resourceExhausted),
        ]
        if subject.method.kind == .serverStreaming {
            cases += [("none", [], .unimplemented), ("two", [bytes, bytes], .unimplemented)]
        } else if !subject.isUpload {
            // Each message takes effect by itself: nothing right goes before what is wrong.
            cases += [("none", [], .invalidArgument), ("empty-first", [[]], .invalidArgument)]
        } else {
            let data = try Self.data(subject, count: 10)
            cases += [
                ("none", [], .invalidArgument), ("empty-first", [[]], .invalidArgument),
                ("no-header", [data], .invalidArgument), ("no-data", [bytes], .invalidArgument),
                ("two-headers", [bytes, data, bytes], .invalidArgument), ("empty-piece", [bytes, data, []], .invalidArgument),
                ("large-piece", [bytes, try Self.data(subject, count: Self.piece + 1)], .invalidArgument),
                ("garbage-later", [bytes, data, [0xFF]], .internal),
            ]
        }
        for field in subject.fields {
            for wrong in FieldCase.all(for: field, in: subject.place.contract) {
                guard let code = Self.code(field, wrong, subject) else { continue }
                var messages = [try Subject.bytes(subject.method.request, field.setting(wrong.value, in: right))]
                if subject.isUpload { messages.append(try Self.data(subject, count: 10)) }
                cases.append(("\(field.name)-\(wrong.name)", messages, code))
            }
            guard field.field.kind == .string, field.field.name.hasSuffix("_id"), field.field.name != "request_id" else {
                continue
            }
            for (name, id, code) in [
                ("malformed", "no-id", StatusCode.invalidArgument), ("nobodys", UUIDText.random(), .notFound),
            ] {
                var messages = [try Subject.bytes(subject.method.request, field.setting(.string(id), in: right))]
                if subject.isUpload { messages.append(try Self.data(subject, count: 10)) }
                // A heartbeat of nobody's does not count, and stands in the way of no other.
                if !subject.isUpload, subject.method.kind == .clientStreaming, name == "nobodys" { continue }
                // The account of a service's upload is no person's to name.
                if field.name.hasSuffix("channel_account_id") || field.name.hasSuffix("tenant_id") { continue }
                cases.append(("\(field.name)-\(name)", messages, code))
            }
        }
        return cases
    }

    private static func code(_ field: RequestField, _ wrong: FieldCase, _ subject: Subject) -> StatusCode? {
        switch (field.field.name, wrong.name) {
        case (_, "nul"): .invalidArgument
        case _ where wrong.isForbidden && field.field.countMax != nil: .invalidArgument
        case ("after_cursor", "sql"):
            ["contacts", "templates", "tickets", "routing"].contains(subject.side.name) ? .invalidArgument : .outOfRange
        case ("kinds", "unknown"), ("media_type", "sql"), ("sha256", "sql"), ("request_id", "sql"): .invalidArgument
        default: nil
        }
    }

    /// A message with bytes of the file: the other member of the request's oneof.
    private static func data(_ subject: Subject, count: Int) throws -> [UInt8] {
        let field = try #require(subject.fields.first { $0.field.kind == .bytes && $0.steps.count == 1 })
        return RequestShapes.delimited(UInt64(field.field.number), [UInt8](repeating: 0x61, count: count))
    }

    private func ended(_ subject: Subject, _ messages: [[UInt8]], _ metadata: Metadata) async -> RPCError? {
        let options = CallOptions(timeout: .seconds(30), metadata: metadata)
        do {
            try await subject.side.channel.raw(subject.method, options) { requests, answers in
                for message in messages { try? await requests.write(message) }
                requests.finish()
                for try await _ in answers {}
            }
            return nil
        } catch let error as RPCError {
            return error
        } catch {
            return RPCError(code: .unknown, message: "\(error)")
        }
    }
}

extension Subject {
    /// Takes a header, and then bytes, which are stored when all have come; an import keeps what it has reached.
    fileprivate var isUpload: Bool {
        method.method.hasPrefix("Upload") && method.kind == .clientStreaming
            && fields.contains { $0.field.kind == .bytes && $0.steps.count == 1 }
    }
}
