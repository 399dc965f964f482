import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import PostgresTesting
import Protobuf
import ServiceDatabase
import ServiceRuntime
import TenantDirectory
import Testing
import WallTime

@testable import Contacts

/// The service on a database of its own, called as the handlers are called: without a network, which is not the point here.
struct ContactsFixture: Sendable {
    let surroundings: Surroundings
    let tenantID = UUID.v7(at: .now)
    let agentID = UUID.v7(at: .now)

    var service: ContactsService { ContactsService(surroundings: surroundings) }
    var fields: ContactFieldsService { ContactFieldsService(surroundings: surroundings) }
    var pool: PostgresPool { surroundings.pool }

    /// A call by an agent of the tenant, or of another one.
    func call(_ method: MethodDescriptor, tenant: UUID? = nil, agent: UUID? = nil, role: String = "admin") -> ServerContext {
        let context = ServerContext(method: method)
        context.authenticate(
            as: Principal(tenantID: tenant ?? tenantID, subject: (agent ?? agentID).text, kind: .agent, roles: [role]))
        return context
    }
}

/// Runs the body with a service on a fresh, migrated database.
func withContacts<Answer: Sendable>(_ body: (ContactsFixture) async throws -> Answer) async throws -> Answer {
    let migrations = try #require(ContactsModule.migrations)
    return try await withTestDatabase(migrating: migrations) { database in
        // Sixteen callers at once are no test of the pool's bounds.
        try await database.withPool { pool in
            pool.connectionsMax = 16
            pool.acquireTimeout = .seconds(8)
        } _: { pool in
            let surroundings = Surroundings(
                pool: pool, eventLog: EventLog(schema: ContactsModule.name, pool: pool, logger: .quiet),
                requests: KnownTenants(schema: ContactsModule.name, pool: pool).requests,
                pageTokens: PageTokens(secret: Array("a secret of this test".utf8)), clock: ProductClock(),
                offload: OffloadPool(threads: 1))
            let answer: Result<Answer, any Error>
            do {
                answer = .success(try await body(ContactsFixture(surroundings: surroundings)))
            } catch {
                answer = .failure(error)
            }
            await surroundings.offload.close()
            return try answer.get()
        }
    }
}

// MARK: - Calls in one line

extension ContactsFixture {
    typealias Methods = ContactsServiceDescriptor

    func create(
        _ contact: ContactsV1.Contact, _ identities: [ContactsV1.ChannelIdentity] = [], requestID: String = "",
        tenant: UUID? = nil
    ) async throws -> ContactsV1.Contact {
        let request = CreateContactRequest(contact: contact, identities: identities, requestID: requestID)
        return try #require(
            try await service.createContact(request, call(Methods.createContact, tenant: tenant)).contact)
    }

    func get(_ id: String, tenant: UUID? = nil) async throws -> ContactsV1.Contact {
        let request = GetContactRequest(contactID: id)
        return try #require(try await service.getContact(request, call(Methods.getContact, tenant: tenant)).contact)
    }

    func update(
        _ contact: ContactsV1.Contact, mask: [String] = [], etag: String = "", requestID: String = "", tenant: UUID? = nil
    ) async throws -> ContactsV1.Contact {
        let request = UpdateContactRequest(
            contact: contact, updateMask: .init(paths: mask), etag: etag, requestID: requestID)
        return try #require(
            try await service.updateContact(request, call(Methods.updateContact, tenant: tenant)).contact)
    }

    func resolve(
        _ identity: ContactsV1.ChannelIdentity, further: [ContactsV1.ChannelIdentity] = [],
        defaults: ContactsV1.Contact? = nil, tenant: UUID? = nil
    ) async throws -> ResolveContactResponse {
        let request = ResolveContactRequest(
            identity: identity, furtherIdentities: further, defaults: defaults, verified: true)
        return try await service.resolveContact(request, call(Methods.resolveContact, tenant: tenant))
    }

    func list(
        _ filter: String = "", orderBy: String = "", size: Int32 = 0, token: String = "", tenant: UUID? = nil
    ) async throws -> ListContactsResponse {
        let request = ListContactsRequest(pageSize: size, pageToken: token, filter: filter, orderBy: orderBy)
        return try await service.listContacts(request, call(Methods.listContacts, tenant: tenant))
    }

    func timeline(_ id: String, kinds: [ContactsV1.TimelineEntryKind] = [], size: Int32 = 0, token: String = "") async throws
        -> ListTimelineResponse
    {
        let request = ListTimelineRequest(contactID: id, pageSize: size, pageToken: token, kinds: kinds)
        return try await service.listTimeline(request, call(Methods.listTimeline))
    }
}

extension ContactsV1.ChannelIdentity {
    static func webchat(_ visitor: String, account: String = "account") -> Self {
        Self(kind: .webchat, scope: account, address: visitor)
    }

    static func phone(_ number: String) -> Self { Self(kind: .phone, address: number) }
    static func whatsapp(_ id: String) -> Self { Self(kind: .whatsapp, address: id) }
    static func email(_ address: String) -> Self { Self(kind: .email, address: address) }
}

/// The refusal of a call: its code and its reason.
func refusal(_ call: () async throws -> Void) async -> Refusal? {
    do {
        try await call()
        return nil
    } catch let error as any RPCErrorConvertible {
        let error = error.rpcError
        return Refusal(code: error.code, reason: error.reason ?? "")
    } catch {
        Issue.record("no refusal of ours: \(error)")
        return nil
    }
}

struct Refusal: Equatable {
    var code: StatusCode
    var reason: String

    init(code: StatusCode, reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ code: StatusCode, _ reason: String) {
        self.init(code: code, reason: reason)
    }
}
