import ContactsV1
import EndToEndSupport
import GRPC
import Testing

@Suite("TLS from end to end", .serialized)
struct SecuredPlatformTests {
    @Test("every hop is secured: the tool's, an agent's JSON through the gateway, and his gRPC; plain text is answered nowhere")
    func everyHop() async throws {
        try await Platform.with { platform in
            try platform.secure()
            // The seed has come to routing, and from there to conversations, when these run.
            try await platform.running(["contacts", "conversations", "routing", "gateway"]) { services in
                let (gateway, contacts) = (services["gateway"], services["contacts"])
                let token = try await platform.agentToken()
                let made = try await gateway.http("POST", "/v1/contacts", token: token, body: #"{"displayName": "Rosa"}"#)
                #expect(made.status == 200 || made.status == 201, "\(made.body)")
                #expect(try await contacts.isHealthy())

                var options = CallOptions(timeout: .seconds(20), waitForReady: false)
                options.metadata.add("Bearer \(token)", for: "authorization")
                let (call, security) = (options, try platform.clientSecurity())
                let found = try await withChannel(to: [gateway.listen.grpc]) {
                    $0.security = security
                } _: { channel in
                    try await ContactsServiceClient(channel).listContacts(ListContactsRequest(), call)
                }
                #expect(found.contacts.map(\.displayName) == ["Rosa"])

                for port in [gateway.listen.grpc, contacts.listen.grpc] {
                    let error = await #expect(throws: RPCError.self) {
                        try await withChannel(to: [port]) { channel in
                            _ = try await ContactsServiceClient(channel).listContacts(ListContactsRequest(), call)
                        }
                    }
                    #expect(error?.code == .unavailable)
                }
            }
        }
    }
}
