import Foundation
import GRPC
import Testing
import Trials

@testable import Gateway

/// Requests that are nearly right, at random, to every method: none of them brings an answer that is not the contract's.
@Suite("Random requests", .serialized)
struct FuzzTests {
    /// `--long` sends a hundred times as many.
    private static let count = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 600 : 60_000
    /// After so many, things are made anew: what was right once may be closed by now.
    private static let perScene = 40

    @Test("random requests to every method: each answer is documented, none INTERNAL or UNKNOWN, and no process dies")
    func everyMethod() async throws {
        let given = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0 ... .max)
        print("random requests: SWITCHBOARD_TEST_SEED=\(seed)")
        try await Place.with { place in
            var random = SeededGenerator(seed: seed)
            let subjects = try await Subject.all(of: [.unary], in: place)
            var answers: [String: Int] = [:]
            var sent = 0
            while sent < Self.count {
                let subject = subjects[sent / Self.perScene % subjects.count]
                let scene = try await subject.scene()
                let metadata = try await scene.metadata(subject.caller, to: subject.side.name)
                for _ in 0..<Self.perScene {
                    let request = Self.varied(try subject.request(in: scene), subject, &random)
                    guard var bytes = try? Subject.bytes(subject.method.request, request) else { continue }
                    if Int.random(in: 0..<4, using: &random) == 0 { Self.damage(&bytes, &random) }
                    let error = await subject.side.call(subject.method, bytes, metadata)
                    subject.form.judge(error)
                    answers[error.map { "\($0.code)" } ?? "OK", default: 0] += 1
                }
                sent += Self.perScene
            }
            for side in place.sides {
                let method = try #require(side.services.first?.methods.first { $0.kind == .unary })
                #expect(await side.call(method, [], Metadata())?.code == .unauthenticated, "\(side.name) does not answer")
            }
            print(
                "random requests: \(answers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
        }
    }

    private static let texts = [
        "", " ", "0", "-1", "*", "'", "\"", "\\", "%", "_", "{}", "[]", "null", "a b", "a,b", "(((", "NOT", "\u{1}", "\u{7F}",
        "\u{FEFF}", "\u{202E}", "\u{10FFFF}", "e\u{301}", "99999999999999999999", "1e999", "2038-01-19", "../../etc/passwd",
        "${jndi:ldap://x}", "<script>", "'; select pg_sleep(9); --", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", String(repeating: "ab ", count: 300),
    ]

    private static func varied(_ request: JSON, _ subject: Subject, _ random: inout SeededGenerator) -> JSON {
        var request = request
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let field = subject.fields.randomElement(using: &random) else { continue }
            let value: JSON?
            switch field.field.kind {
            case _ where Int.random(in: 0..<8, using: &random) == 0: value = nil
            case _ where Int.random(in: 0..<3, using: &random) == 0:
                value = FieldCase.all(for: field, in: subject.place.contract).randomElement(using: &random)?.value
            case _ where subject.place.contract.isMap(field.field): value = nil
            case .string:
                let text = JSON.string(texts.randomElement(using: &random) ?? "")
                value =
                    field.field.isRepeated ? .array(Array(repeating: text, count: Int.random(in: 0...3, using: &random))) : text
            case .int32, .uint32, .int64, .uint64: value = .number("\(Int32.random(in: .min ... .max, using: &random))")
            case .double, .float: value = .number("\(Double.random(in: -1e300...1e300, using: &random))")
            case .bool: value = .bool(Bool.random(using: &random))
            case .enumeration: value = .number("\(Int32.random(in: -2...12, using: &random))")
            case .message, .bytes: value = nil
            }
            request = field.setting(value, in: request)
        }
        return request
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard let position = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
        default: bytes += bytes[position...]
        }
    }
}
