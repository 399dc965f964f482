import ContactsV1
import Foundation
import GRPC
import ServiceRuntime

/// A service in a process of its own, for the tests of start and stop.
@main
enum Program {
    static func main() async {
        await ServiceProgram<SampleModule>.main()
    }
}

struct SampleModule: ServiceModule {
    static let name = "contacts"

    let services: [any GRPC.Service] = [SlowContacts()]

    static func configuration(_ reader: inout ConfigurationReader) {}

    init(_ runtime: Runtime, _ configuration: Void) async throws {}
}

/// Takes as many milliseconds as the id says. Says on standard output when it has begun.
struct SlowContacts: ContactsServiceProtocol {
    func getContact(_ request: GetContactRequest, _ context: ServerContext) async throws -> GetContactResponse {
        FileHandle.standardOutput.write(Data("begun\n".utf8))
        try await Task.sleep(for: .milliseconds(Int(request.contactID) ?? 0))
        return GetContactResponse(contact: Contact(contactID: request.contactID))
    }
}
