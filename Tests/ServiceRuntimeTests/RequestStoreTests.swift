import ContactsV1
import EventLog
import Foundation
import GRPC
import Postgres
import PostgresTesting
import Synchronization
import Testing
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

/// DESIGN.md 4: a mutating RPC runs once per request_id, in the scope of tenant, principal and method.
@Suite("Request ids")
struct RequestStoreTests {
    private static let tenant = UUID.v7(at: .now)
    private static let method = ContactsServiceDescriptor.createContact

    private func context(
        tenant: UUID = Self.tenant, subject: String = "a", kind: Principal.Kind = .agent, method: MethodDescriptor = Self.method
    ) -> ServerContext {
        let context = ServerContext(method: method, metadata: Metadata())
        context.authenticate(as: Principal(tenantID: tenant, subject: subject, kind: kind), bearer: "x")
        return context
    }

    private func withCounter(_ body: (Counter) async throws -> Void) async throws {
        try await withTestDatabase(migrating: DatabaseModule.migrations!) { database in
            try await database.withPool { pool in try await body(Counter(pool: pool)) }
        }
    }

    /// Runs requests whose effect is one more.
    private struct Counter: Sendable {
        let pool: PostgresPool
        private let effects = Shared()
        var count: Int { effects.count.load(ordering: .relaxed) }

        init(pool: PostgresPool) { self.pool = pool }

        func run(_ requestID: String, name: String = "x", _ context: ServerContext, failing: Bool = false) async throws -> String
        {
            let request = CreateContactRequest(contact: Contact(displayName: name))
            let settings = ["switchboard.tenant_id": try context.tenantID.text]
            let response = try await pool.transaction(TransactionOptions(settings: settings)) { transaction in
                try await RequestStore(schema: "contacts").once(requestID, request, context, in: transaction) {
                    let number = effects.count.add(1, ordering: .relaxed).newValue
                    if failing { throw Failure.notFound("contact", "x") }
                    return CreateContactResponse(contact: Contact(contactID: "\(number)"))
                }
            }
            return response.contact?.contactID ?? ""
        }

        private final class Shared: Sendable {
            let count = Atomic(0)
        }
    }

    @Test("a repetition gets the stored answer, and has no effect")
    func repetition() async throws {
        try await withCounter { counter in
            let id = UUID().uuidString
            let answer = try await counter.run(id, context())
            #expect(try await counter.run(id, context()) == answer)
            // The same UUID, spelt otherwise.
            #expect(try await counter.run(id.lowercased(), context()) == answer)
            #expect(counter.count == 1)
        }
    }

    @Test("the same id with another body is REQUEST_ID_REUSED")
    func reused() async throws {
        try await withCounter { counter in
            let id = UUID().uuidString
            _ = try await counter.run(id, context())
            let failure = await #expect(throws: Failure.self) { try await counter.run(id, name: "y", context()) }
            #expect(failure?.code == .failedPrecondition && failure?.reason == "REQUEST_ID_REUSED")
            #expect(counter.count == 1)
        }
    }

    @Test("another tenant, caller, kind of caller or method is another request")
    func scope() async throws {
        try await withCounter { counter in
            let id = UUID().uuidString
            let contexts = [
                context(), context(tenant: .v7(at: .now)), context(subject: "b"), context(kind: .integrator),
                context(method: ContactsServiceDescriptor.updateContact),
            ]
            var answers: Set<String> = []
            for one in contexts { answers.insert(try await counter.run(id, one)) }
            #expect(answers.count == contexts.count && counter.count == contexts.count)
        }
    }

    @Test("what failed may be asked again; without an id each call is its own; an id is a UUID")
    func failures() async throws {
        try await withCounter { counter in
            let id = UUID().uuidString
            await #expect(throws: Failure.notFound("contact", "x")) { try await counter.run(id, context(), failing: true) }
            #expect(try await counter.run(id, context()) == "2")
            _ = try await counter.run("", context())
            _ = try await counter.run("", context())
            #expect(counter.count == 4)
            let failure = await #expect(throws: Failure.self) { try await counter.run("x", context()) }
            #expect(failure?.code == .invalidArgument && failure?.fields.first?.field == "request_id")
        }
    }

    @Test("twenty at once have one effect: the others get its answer, or are told to ask again", .timeLimit(.minutes(1)))
    func atOnce() async throws {
        try await withCounter { counter in
            let id = UUID().uuidString
            let outcomes = await withTaskGroup(of: Result<String, any Error>.self) { group in
                for _ in 0..<20 {
                    let context = context()
                    group.addTask {
                        do { return .success(try await counter.run(id, context)) } catch { return .failure(error) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for case .failure(let error) in outcomes { #expect((error as? Failure)?.reason == "REQUEST_IN_FLIGHT") }
            let answers = Set(outcomes.compactMap { try? $0.get() })
            #expect(answers.count == 1)
            let again = try await counter.run(id, context())
            #expect(again == answers.first)
        }
    }
}
