import GRPC
import ServiceLifecycle

/// A service as its program sees it: what it reads from the environment, what it serves, what it does by itself.
///
/// A service's whole program is `await ServiceProgram<ContactsModule>.main()`.
package protocol ServiceModule: Sendable {
    associatedtype Configuration: Sendable

    /// "contacts": its schema, its issuer and audience, the name in its logs.
    static var name: String { get }
    /// The services whose RPCs it calls, or whose events it follows, by name. Their addresses are read at start.
    static var calls: [String] { get }
    /// Its database. Nil for a service without SQL; ServiceDatabase's StoredServiceModule says it for the others.
    static var storage: (any ServiceStorageKind)? { get }
    /// Port of the gRPC listener, of the admin listener, on 127.0.0.1.
    static var defaultPorts: (grpc: Int, admin: Int) { get }
    /// Whether a method that the module does not know is let through to its router's fallback for any verified caller.
    static var passesThrough: Bool { get }

    /// Reads the service's own variables. Called before anything starts; every problem is noted in the reader and told at
    /// once, so it never throws.
    static func configuration(_ reader: inout ConfigurationReader) -> Configuration

    init(_ runtime: Runtime, _ configuration: Configuration) async throws

    var services: [any GRPC.Service] { get }
    /// Services of others that are reached through this one: reflection names them, too.
    var passedOn: [ServiceDescriptor] { get }
    /// Enters routes that services alone cannot say (a proxy's fallback).
    func register(in router: inout Router)
    /// Loops that run as long as the service does, and end on graceful shutdown.
    var background: [any ServiceLifecycle.Service] { get }
    /// What must come to rest before `POST /test/settle` answers, beside what was given to `Runtime.settlement`.
    var settlers: [any Settler] { get }
    /// The roles of tenants' own, where the service follows routing.
    var customRoles: (any CustomRoles)? { get }
}

extension ServiceModule {
    package static var calls: [String] { [] }
    package static var storage: (any ServiceStorageKind)? { nil }
    package static var defaultPorts: (grpc: Int, admin: Int) { ServiceDirectory.defaultPorts(of: name) }
    package static var passesThrough: Bool { false }
    package var passedOn: [ServiceDescriptor] { [] }
    package func register(in router: inout Router) {}
    package var background: [any ServiceLifecycle.Service] { [] }
    package var settlers: [any Settler] { [] }
    package var customRoles: (any CustomRoles)? { nil }
}

extension ServiceModule where Configuration == Void {
    package static func configuration(_ reader: inout ConfigurationReader) {}
}

/// Where the services are when nobody says otherwise.
package enum ServiceDirectory {
    /// Ports of the gRPC listener and of the admin listener.
    package static func defaultPorts(of service: String) -> (grpc: Int, admin: Int) {
        switch service {
        case "gateway": (9000, 9100)
        case "contacts": (9001, 9101)
        case "conversations": (9002, 9102)
        case "routing": (9003, 9103)
        case "tickets": (9004, 9104)
        case "templates": (9005, 9105)
        case "channels": (9006, 9106)
        default: (0, 0)
        }
    }
}
