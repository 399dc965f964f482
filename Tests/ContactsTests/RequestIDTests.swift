import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("request_id")
struct RequestIDTests {
    @Test("11: a repeated request gets the first answer, and has one effect")
    func G11_repetitionIsAnswered() async throws {
        try await withContacts { contacts in
            let id = UUID.v7(at: .now).text
            let first = try await contacts.create(.init(displayName: "Ana"), requestID: id)
            #expect(try await contacts.create(.init(displayName: "Ana"), requestID: id) == first)
            #expect(try await contacts.create(.init(displayName: "Ana"), requestID: id.uppercased()) == first)
            #expect(try await contacts.list().contacts.count == 1)

            // The answer is the one given then, also after the contact has changed.
            let renamed = try await contacts.update(
                .init(contactID: first.contactID, displayName: "Bia"), mask: ["display_name"], etag: first.etag,
                requestID: UUID.v7(at: .now).text)
            #expect(renamed.displayName == "Bia")
            #expect(try await contacts.create(.init(displayName: "Ana"), requestID: id) == first)
        }
    }

    @Test("11: the same request_id with another body is refused")
    func G11_reuseIsRefused() async throws {
        try await withContacts { contacts in
            let id = UUID.v7(at: .now).text
            _ = try await contacts.create(.init(displayName: "Ana"), requestID: id)
            #expect(
                await refusal { _ = try await contacts.create(.init(displayName: "Bia"), requestID: id) }
                    == Refusal(.failedPrecondition, "REQUEST_ID_REUSED"))
            #expect(try await contacts.list().contacts.count == 1)
            // Tenants do not share ids.
            #expect(
                try await contacts.create(.init(displayName: "Bia"), requestID: id, tenant: .v7(at: .now)).displayName == "Bia")
        }
    }

    @Test("11: the same request sent 16 times at once has one effect")
    func G11_concurrentRepetitions() async throws {
        try await withContacts { contacts in
            let id = UUID.v7(at: .now).text
            let answers = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<16 {
                    group.addTask { try? await contacts.create(.init(displayName: "Ana"), requestID: id).contactID }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.compactMap { $0 }).count == 1)
            let stored = try await contacts.list().contacts
            #expect(stored.count == 1)
        }
    }

    @Test("A refused request is not remembered: corrected, the same id goes through")
    func refusalsAreNotKept() async throws {
        try await withContacts { contacts in
            _ = try await contacts.create(.init(), [.webchat("taken")])
            let id = UUID.v7(at: .now).text
            #expect(
                await refusal { _ = try await contacts.create(.init(), [.webchat("taken")], requestID: id) }
                    == Refusal(.alreadyExists, "IDENTITY_TAKEN"))
            _ = try await contacts.create(.init(), [.webchat("free")], requestID: id)
            #expect(
                await refusal { _ = try await contacts.create(.init(), requestID: "not a uuid") }
                    == Refusal(.invalidArgument, "INVALID_FIELD"))
        }
    }
}
