import ContactsV1
import Foundation
import GRPC
import GoogleProtobuf
import GoogleRPC
import Testing
import WallTime

@testable import ServiceRuntime

@Suite("API conventions")
struct APITests {
    private let tokens = PageTokens(secret: Array("a secret".utf8))

    @Test("a page token gives back its keys")
    func pageTokenRoundTrip() throws {
        let keys = ["2026-11-21T00:00:00Z", "ünï", ""]
        let token = tokens.token(after: keys, arguments: ["open", "desc"])
        #expect(try tokens.keys(of: token, count: 3, arguments: ["open", "desc"]) == keys)
        #expect(try tokens.keys(of: "", count: 3, arguments: []) == nil)
        #expect(token.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
    }

    @Test("a page token with any letter changed, cut, of other arguments or of another key is refused")
    func pageTokenTampering() {
        let token = tokens.token(after: ["a", "b"], arguments: ["open"])
        for index in token.indices {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            #expect(throws: Failure.pageTokenInvalid) { try tokens.keys(of: forged, count: 2, arguments: ["open"]) }
        }
        for cut in 1..<token.count {
            #expect(throws: Failure.pageTokenInvalid) {
                try tokens.keys(of: String(token.dropLast(cut)) + (cut == token.count ? "x" : ""), count: 2, arguments: ["open"])
            }
        }
        #expect(throws: Failure.pageTokenInvalid) { try tokens.keys(of: token, count: 2, arguments: ["closed"]) }
        #expect(throws: Failure.pageTokenInvalid) { try tokens.keys(of: token, count: 2, arguments: ["op", "en"]) }
        #expect(throws: Failure.pageTokenInvalid) { try tokens.keys(of: token, count: 1, arguments: ["open"]) }
        let other = PageTokens(secret: Array("another".utf8))
        #expect(throws: Failure.pageTokenInvalid) { try other.keys(of: token, count: 2, arguments: ["open"]) }
        #expect(throws: Failure.pageTokenInvalid) {
            try tokens.keys(of: String(repeating: "A", count: 1 << 20), count: 2, arguments: [])
        }
    }

    @Test("a page size is 50 when unset, 200 when more, refused when negative")
    func pageSizes() throws {
        #expect(try pageSize(0) == 50)
        #expect(try pageSize(7) == 7)
        #expect(try pageSize(.max) == 200)
        #expect(throws: Failure.self) { try pageSize(-1) }
    }

    @Test("an etag is the quoted version")
    func etags() throws {
        #expect("\(ETag(7))" == "\"7\"")
        #expect(try ETag.expectedVersion("\"7\"") == 7)
        #expect(try ETag.expectedVersion("") == nil)
        for text in ["7", "\"\"", "\"-1\"", "W/\"7\"", "\"7", "\"99999999999999999999\"", "\""] {
            #expect(throws: Failure.etagMismatch) { try ETag.expectedVersion(text) }
        }
        #expect(throws: Failure.self) { try ETag.expectedVersion("", required: true) }
    }

    @Test("ids are version 7, in the order of their milliseconds, and unlike each other")
    func uuids() throws {
        let early = UUID.v7(at: Instant(milliseconds: 1_000))
        let late = UUID.v7(at: Instant(milliseconds: 1_001))
        #expect(early.text < late.text)
        #expect(early.text.dropFirst(14).first == "7")
        #expect("89ab".contains(early.text.dropFirst(19).first!))
        #expect(Set((0..<1_000).map { _ in UUID.v7(at: Instant(milliseconds: 5)) }).count == 1_000)
        #expect(UUID(id: early.text) == early)
        #expect(UUID(id: "{\(early.text)}") == nil)
        #expect(UUID(id: "") == nil)
    }

    @Test("a mask takes what is writable, ignores what is put out, names what is unknown")
    func masks() throws {
        let writable: Set = ["display_name", "attributes", "address.city"]
        func mask(_ paths: String...) throws -> Set<String> {
            try UpdateMask(FieldMask(paths: paths), writable: writable, outputOnly: ["create_time"], populated: ["display_name"])
                .paths
        }
        #expect(try mask() == ["display_name"])
        #expect(try mask("*") == writable)
        #expect(try mask("attributes.size", "create_time") == ["attributes.size"])
        #expect(throws: Failure.self) { try mask("address") }
        #expect(throws: Failure.self) { try mask("*", "display_name") }
        let failure = #expect(throws: Failure.self) { try mask("display_name", "nope", "nor this") }
        #expect(failure?.fields.count == 2)
        #expect(failure?.reason == "UPDATE_MASK_INVALID")
    }

    @Test("missing required fields are found from the contract, all of them")
    func requiredFields() throws {
        let rules = try RequiredFields(ContactsServiceDescriptor.service)
        #expect(rules.missing(in: GetContactRequest()) == ["contact_id"])
        #expect(rules.missing(in: GetContactRequest(contactID: "x")).isEmpty)
        #expect(throws: Failure.self) { try rules.check(GetContactRequest()) }
    }

    @Test("times cross the wire to the microsecond, durations to the nanosecond")
    func times() {
        let instant = Instant(microseconds: 1_763_683_200_123_456)
        #expect(Instant(Timestamp(instant)) == instant)
        let before = Instant(microseconds: -1)
        #expect(Timestamp(before).nanos == 999_999_000)
        #expect(Instant(Timestamp(before)) == before)
        let duration = Swift.Duration.seconds(3) + .nanoseconds(5)
        #expect(Swift.Duration(GoogleProtobuf.Duration(duration)) == duration)
    }

    @Test("a refusal carries ErrorInfo and each of its details once")
    func failures() throws {
        var failure = Failure.invalid("display_name", "is too long", reason: "LENGTH")
        failure.retryAfter = .milliseconds(1_500)
        let error = failure.rpcError(domain: "contacts.switchboard")
        #expect(error.code == .invalidArgument)
        let info = try #require(error.detail(ErrorInfo.self))
        #expect(info.reason == "INVALID_FIELD")
        #expect(info.domain == "contacts.switchboard")
        #expect(error.detail(BadRequest.self)?.fieldViolations.first?.field == "display_name")
        #expect(error.detail(RetryInfo.self)?.retryDelay?.nanos == 500_000_000)
        #expect(Set(error.details.map(\.typeURL)).count == error.details.count)
        #expect(Failure.notFound("channelAccount", "x").reason == "CHANNEL_ACCOUNT_NOT_FOUND")
    }
}
