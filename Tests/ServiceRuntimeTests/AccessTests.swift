import ContactsV1
import Foundation
import GRPC
import GoogleRPC
import Logging
import Postgres
import Testing
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

@Suite("Access")
struct AccessTests {
    private static let tenant = UUID.v7(at: .unixEpoch)

    private func context(_ metadata: [(String, String)] = []) -> ServerContext {
        var all = Metadata()
        for (name, value) in metadata { all.add(value, for: name) }
        return ServerContext(method: ContactsServiceDescriptor.getContact, metadata: all)
    }

    @Test("every method of contacts against every role, as its contract says")
    func matrix() throws {
        let table = try AccessTable([ContactsServiceDescriptor.service])
        #expect(table.rules.count == ContactsServiceDescriptor.service.methods.count)
        let line = table.matrix.first { $0.contains("/GetContact ") }
        #expect(
            line == "/switchboard.contacts.v1.ContactsService/GetContact viewer agent operator admin bot "
                + "service:channels service:conversations service:routing service:tickets")
        #expect(table.matrix.first { $0.contains("/CreateContact ") }?.hasSuffix("/CreateContact agent operator admin") == true)
    }

    @Test("C34: a Viewer changes nothing")
    func C34_viewerReadsOnly() {
        #expect(
            Role.viewer.permissions
                == [.channelsRead, .contactsRead, .conversationsRead, .templatesRead, .ticketsInternal, .ticketsRead])
    }

    @Test("each role may do all that the one below may")
    func rolesGrow() {
        let roles = [Role.viewer, .agent, .operator, .admin]
        for (lower, higher) in zip(roles, roles.dropFirst()) {
            #expect(lower.permissions.isStrictSubset(of: higher.permissions))
        }
    }

    @Test("a method without the option, with an unknown permission or with nobody in it is refused at start")
    func methodWithoutOption() {
        let silent = ServiceDescriptor(
            name: "sample.v1.SampleService",
            methods: [
                MethodDescriptor(
                    service: "sample.v1.SampleService", method: "Get", kind: .unary, request: GetContactRequest.self,
                    response: GetContactResponse.self)
            ], fileDescriptorSet: ContactsServiceDescriptor.service.fileDescriptorSet)
        let error = #expect(throws: AccessTableError.self) { try AccessTable([silent]) }
        #expect(error?.problems == ["/sample.v1.SampleService/Get has no option (switchboard.access.v1.access)"])
    }

    @Test("the rule decides by permission for people and by name for services")
    func rules() {
        let rule = AccessTable.Rule(permission: .contactsEdit, callers: ["channels"], isOpen: false)
        func principal(_ kind: Principal.Kind, _ subject: String = "x", _ roles: String...) -> Principal {
            Principal(tenantID: Self.tenant, subject: subject, kind: kind, roles: roles)
        }
        #expect(rule.refusal(for: nil)?.code == .unauthenticated)
        #expect(rule.refusal(for: principal(.agent, "x", "agent")) == nil)
        #expect(rule.refusal(for: principal(.agent, "x", "viewer"))?.code == .permissionDenied)
        #expect(rule.refusal(for: principal(.agent, "x", "root"))?.code == .permissionDenied)
        #expect(rule.refusal(for: principal(.visitor))?.code == .permissionDenied)
        #expect(rule.refusal(for: principal(.service, "channels")) == nil)
        #expect(rule.refusal(for: principal(.service, "tickets"))?.reason == "CALLER_DENIED")
        let open = AccessTable.Rule(permission: nil, callers: [], isOpen: true)
        #expect(open.refusal(for: nil) == nil)
        let internalOnly = AccessTable.Rule(permission: nil, callers: ["channels"], isOpen: false)
        #expect(internalOnly.refusal(for: principal(.agent, "x", "admin"))?.reason == "CALLER_DENIED")
    }

    @Test("a tenant in metadata is taken from services and refused from everyone else")
    func tenantMetadata() async throws {
        let bench = try TokenBench()
        let interceptor = AuthenticationInterceptor(verifier: bench.verifier)
        let agent = "Bearer \(try await bench.sign(bench.claims(), .es256, kid: "ec"))"
        let service = "Bearer \(try await bench.serviceCredentials("conversations", bench.service).token(for: "contacts"))"
        let other = UUID.v7(at: .unixEpoch)
        func outcome(_ metadata: (String, String)...) async -> Result<UUID?, any Error> {
            let context = context(metadata)
            do {
                try await interceptor.intercept(context) {}
                return .success(context.optionalPrincipal?.tenantID)
            } catch { return .failure(error) }
        }
        let named = ("switchboard-tenant-id", other.text)
        #expect(try await outcome(("authorization", agent)).get() == TokenBench.tenant)
        await #expect(throws: Failure.tenantNotYours) { try await outcome(("authorization", agent), named).get() }
        await #expect(throws: Failure.tenantNotYours) { try await outcome(named).get() }
        #expect(try await outcome(("authorization", service), named).get() == other)
        #expect(try await outcome(("authorization", service)).get() == nil)
        for wrong in [[("authorization", service), named, named], [("authorization", service), ("switchboard-tenant-id", "x")]] {
            let context = context(wrong)
            await #expect(throws: Failure.self) { try await interceptor.intercept(context) {} }
        }
        for header in ["Basic eDp5", "Bearer", "Bearer x", ""] {
            let context = context([("authorization", header)])
            let failure = await #expect(throws: Failure.self) { try await interceptor.intercept(context) {} }
            #expect(failure?.code == .unauthenticated)
        }
        let twice = context([("authorization", agent), ("authorization", agent)])
        await #expect(throws: Failure.self) { try await interceptor.intercept(twice) {} }
    }

    @Test("what fails inside goes out bare; what is refused goes out whole")
    func errors() throws {
        let interceptor = ErrorInterceptor(
            service: "contacts", storage: PostgresStorageKind(migrations: Migrations(schema: "contacts", [])),
            logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        func outward(_ error: any Error) -> RPCError { interceptor.outward(error, context()) }
        let table: [(any Error, StatusCode, String)] = [
            (Boom(), .internal, "INTERNAL"),
            (CancellationError(), .cancelled, "CANCELLED"),
            (Failure.notFound("contact", "x"), .notFound, "CONTACT_NOT_FOUND"),
            (RPCError(code: .unavailable, message: "connect 10.0.0.1: refused"), .unavailable, "DEPENDENCY_UNAVAILABLE"),
            (RPCError(code: .unimplemented, message: "no"), .unimplemented, "NOT_IMPLEMENTED"),
            (RPCError(code: .unknown, message: "jane.canary@example.com"), .unknown, "UNKNOWN"),
        ]
        for (error, code, reason) in table {
            let out = outward(error)
            #expect(out.code == code)
            #expect(out.reason == reason)
            for canary in ["canary", "91234", "10.0.0.1"] { #expect(!"\(out) \(out.details)".contains(canary)) }
        }
        for state in ["22021", "22P05", "22003", "22008", "54001", "54000"] {
            let error = PostgresError(SQLState(rawValue: state), message: "jane.canary@example.com")
            #expect(outward(error).code == .invalidArgument)
        }
        for state in ["08006", "57P01", "57P02", "25006", "08007", "53300"] {
            let out = outward(PostgresError(SQLState(rawValue: state), message: "jane.canary@example.com"))
            #expect(out.code == .unavailable)
            #expect(out.detail(RetryInfo.self) != nil)
            #expect(!out.message.contains("canary"))
        }
        #expect(outward(PostgresError(SQLState(rawValue: "42P01"), message: "x")).code == .internal)
    }
}
