import ContactsV1
import FoundationEssentials
import GRPC
import ServiceDatabase
import ServiceRuntime
import Testing

@testable import Contacts

@Suite("Tenants that read only")
struct SuspensionTests {
    @Test(
        "P2: a suspended tenant's contacts are read and not written, by hand or from a file; an erasure that was begun is ended")
    func P2_suspension() async throws {
        try await withContacts { contacts in
            let id = UUID().text
            let ana = try await contacts.create(.init(displayName: "Ana"), requestID: id)
            let leaving = try await contacts.create(.init(displayName: "Bia"))
            let erasure = try await contacts.erase(leaving.contactID)
            try await contacts.suspend()

            #expect(try await contacts.get(ana.contactID) == ana)
            #expect(try await contacts.create(.init(displayName: "Ana"), requestID: id) == ana)
            let suspended = Refusal(.permissionDenied, "TENANT_SUSPENDED")
            #expect(await refusal { _ = try await contacts.create(.init(displayName: "Cleo")) } == suspended)
            #expect(await refusal { _ = try await contacts.resolve(.webchat("v-1")) } == suspended)
            #expect(await refusal { _ = try await contacts.erase(ana.contactID) } == suspended)
            for validateOnly in [false, true] {
                #expect(
                    await refusal {
                        _ = try await contacts.importing("Name\nCleo\n", ["Name": "display_name"], validateOnly: validateOnly)
                    } == suspended)
            }
            for service in ["conversations", "tickets", "channels"] {
                _ = try await contacts.report(erasure.erasureID, from: service, [:])
            }
            let read = try await contacts.privacy.getErasure(
                .init(erasureID: erasure.erasureID), contacts.call(ContactPrivacyServiceDescriptor.getErasure))
            #expect(read.erasure?.state == .complete)
            _ = try await contacts.create(.init(displayName: "Cleo"), tenant: UUID.v7(at: .now))
        }
    }
}

extension ContactsFixture {
    /// As routing would tell it.
    fileprivate func suspend() async throws {
        _ = try await pool.transaction(.tenant(tenantID)) { transaction in
            try await transaction.query(
                "insert into contacts.known_tenant (tenant_id, suspended, time_zone) values (\(tenantID), true, '')")
        }
    }
}
