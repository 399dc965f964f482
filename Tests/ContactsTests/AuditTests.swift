import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("Who set what in contacts")
struct AuditTests {
    @Test(
        "P7: what was set or forced leaves who, what, when and which fields; what was refused or changed nothing leaves no line")
    func P7_trail() async throws {
        try await withContacts { contacts in
            let (ana, bia) = (
                try await contacts.create(.init(displayName: "Ana")), try await contacts.create(.init(displayName: "Bia"))
            )
            try await contacts.define("seats", .number)
            #expect(await refusal { try await contacts.define("seats", .number) } != nil)
            _ = try await contacts.block(ana.contactID, reason: "rude")
            _ = try await contacts.unblock(ana.contactID)
            _ = try await contacts.unblock(ana.contactID)
            let merge = try await contacts.merge(bia.contactID, into: ana.contactID)
            _ = try await contacts.unmerge(merge.mergeID)
            _ = try await contacts.erase(bia.contactID)

            let trail = try await contacts.trail()
            #expect(
                trail.map(\.action) == [
                    "EraseContact", "UnmergeContacts", "MergeContacts", "UnblockContact", "BlockContact",
                    "CreateAttributeDefinition",
                ])
            #expect(
                trail.map(\.subject)
                    == [bia.contactID, merge.mergeID, merge.mergeID, ana.contactID, ana.contactID, "seats"])
            #expect(trail[3].changedPaths == ["block"] && trail[4].changedPaths == ["block"])
            #expect(trail.allSatisfy { $0.actor == "agent:\(contacts.agentID.text)" && $0.onBehalfOf.isEmpty })
            #expect(try await contacts.trail(.init(subject: "seats")).count == 1)
            #expect(try await contacts.trail(.init(actor: "agent:\(UUID().text)")).isEmpty)
            #expect(try await contacts.trail(tenant: .v7(at: .now)).isEmpty)
            let backwards = ListAuditEntriesRequest(startTime: .init(seconds: 2), endTime: .init(seconds: 1))
            #expect(await refusal { _ = try await contacts.trail(backwards) } == Refusal(.invalidArgument, "INVALID_FIELD"))
        }
    }
}

extension ContactsFixture {
    /// Page by page.
    fileprivate func trail(_ request: ListAuditEntriesRequest = .init(), tenant: UUID? = nil) async throws -> [AuditEntry] {
        var (request, found) = (request, [AuditEntry]())
        request.pageSize = 2
        repeat {
            let page = try await service.listAuditEntries(request, call(Methods.listAuditEntries, tenant: tenant))
            (found, request.pageToken) = (found + page.auditEntries, page.nextPageToken)
        } while !request.pageToken.isEmpty
        return found
    }
}
