import GRPC
import ChannelsV1
import ContactsV1
import ConversationsV1
import Hummingbird
import Logging
import RoutingV1
import ServiceLifecycle
import ServiceRuntime
import TemplatesV1

/// The edge: HTTP/1.1 with JSON and event streams for browsers and integrators, gRPC for programs. It owns no data and has
/// no SQL; it knows who calls, composes what several services have, and hands news on.
package struct GatewayModule: ServiceModule {
    package static let name = "gateway"
    package static let calls = ["contacts", "conversations", "routing", "tickets", "templates", "channels"]
    package static let passesThrough = true

    private let configuration: GatewayConfiguration
    private let runtime: Runtime
    private let responder: EdgeResponder
    private let feeds: [ServiceFeed]
    private let heartbeats: HeartbeatLoop
    private let passthrough: Passthrough

    package static func configuration(_ reader: inout ConfigurationReader) -> GatewayConfiguration { .read(&reader) }

    package init(_ runtime: Runtime, _ configuration: GatewayConfiguration) async throws {
        self.runtime = runtime
        self.configuration = configuration
        let contacts = runtime.channel(to: "contacts")
        let conversations = runtime.channel(to: "conversations")
        let routing = runtime.channel(to: "routing")
        let tickets = runtime.channel(to: "tickets")
        let templates = runtime.channel(to: "templates")
        let channels = runtime.channel(to: "channels")
        passthrough = Passthrough(
            backends: [
                (prefix: "switchboard.contacts.", channel: contacts),
                (prefix: "switchboard.conversations.", channel: conversations),
                (prefix: "switchboard.routing.", channel: routing),
                (prefix: "switchboard.tickets.", channel: tickets),
                (prefix: "switchboard.templates.", channel: templates),
                (prefix: "switchboard.channels.", channel: channels),
            ],
            services: Edge.services)
        let edge = Edge(
            configuration: configuration,
            authenticator: TokenAuthenticator(verifier: runtime.tokenVerifier),
            contacts: contacts,
            conversations: conversations,
            routing: routing,
            tickets: tickets,
            templates: templates,
            channels: channels,
            feed: LiveFeed(),
            now: { [clock = runtime.clock] in clock.now }
        )
        feeds = edge.feeds(logger: runtime.logger)
        heartbeats = edge.heartbeats(logger: runtime.logger)
        responder = EdgeResponder(
            routes: try edge.routes(Edge.schema()), cors: CORS(origins: Set(configuration.origins)),
            limits: .init(olderRateHeaders: configuration.rateOlderHeaders), logger: runtime.logger)
    }

    package var services: [any GRPC.Service] { [] }
    package var passedOn: [ServiceDescriptor] { Edge.services }

    package func register(in router: inout GRPC.Router) { router.fallback(passthrough.relay) }

    package var background: [any ServiceLifecycle.Service] {
        feeds + [heartbeats, HTTPListener(address: configuration.httpListen, responder: responder, logger: runtime.logger)]
    }
}
