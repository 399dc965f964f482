import ContactsV1
import EventLog
import GRPC
import Postgres
import Synchronization
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

/// A service with a schema, made for the tests; it serves part of a real contract.
struct DatabaseModule: StoredServiceModule {
    static let name = "contacts"
    static let calls = ["conversations"]
    static let migrations: Migrations? = Migrations(
        schema: "contacts", EventLog.migrationSteps + TenantData.migrationSteps)
    static let defaultPorts = (grpc: 9001, admin: 9101)

    let services: [any GRPC.Service]

    static func configuration(_ reader: inout ConfigurationReader) {}

    init(_ runtime: Runtime, _ configuration: Void) async throws {
        services = [ContactsSample(runtime: runtime)]
    }
}

/// The same without a database.
struct PlainModule: StoredServiceModule {
    static let name = "contacts"
    static let calls = ["contacts"]
    static let migrations: Migrations? = nil

    let services: [any GRPC.Service]

    static func configuration(_ reader: inout ConfigurationReader) {}

    init(_ runtime: Runtime, _ configuration: Void) async throws {
        services = [ContactsSample(runtime: runtime)]
    }
}

/// Answers GetContact by what the id says; everything else is UNIMPLEMENTED.
struct ContactsSample: ContactsServiceProtocol {
    let runtime: Runtime

    func getContact(_ request: GetContactRequest, _ context: ServerContext) async throws -> GetContactResponse {
        switch request.contactID {
        case "boom": throw Boom()
        case "relay":
            let client = ContactsServiceClient(runtime.channel(to: "contacts"))
            return try await client.getContact(GetContactRequest(contactID: "trace"))
        case "relay as service":
            return try await OutgoingIdentity.asService(for: try context.tenantID) {
                let client = ContactsServiceClient(runtime.channel(to: "contacts"))
                return try await client.getContact(GetContactRequest(contactID: "who"))
            }
        case "trace":
            let text = "\(TraceContext.current?.traceID ?? "none") \(RequestID.current ?? "none")"
            return GetContactResponse(contact: Contact(contactID: "trace", displayName: text))
        case "who":
            let principal = try context.principal
            let text = "\(principal.identity) \(try context.tenantID.text)"
            return GetContactResponse(contact: Contact(contactID: "who", displayName: text))
        default: throw Failure.notFound("contact", request.contactID)
        }
    }
}

/// An error whose words must not leave the service.
struct Boom: Error, CustomStringConvertible {
    var description: String { "jane.canary@example.com +55 11 91234-5678 said no" }
}
