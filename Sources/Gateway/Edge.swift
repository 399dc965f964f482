import ChannelsV1
import ContactsV1
import ConversationsV1
import GRPC
import Logging
import RoutingV1
import TemplatesV1
import TicketsV1
import WallTime

/// Puts the routes together: those of the contracts, those that compose, streams, files, the page.
struct Edge: Sendable {
    let configuration: GatewayConfiguration
    let authenticator: any Authenticating
    let contacts: GRPC.Channel
    let conversations: GRPC.Channel
    let routing: GRPC.Channel
    let tickets: GRPC.Channel
    let templates: GRPC.Channel
    let channels: GRPC.Channel
    let feed: LiveFeed<FeedEvent>
    /// By which tokens are judged.
    var now: @Sendable () -> Instant = { .now }
    let attendance = Attendance()

    struct RouteTaken: Error {
        let route: String
    }

    func routes(_ schema: Schema) throws -> RouteTable<any EdgeHandler> {
        var table = RouteTable<any EdgeHandler>()
        let gate = Gate(
            authenticator: authenticator, keys: APIKeyTokens(ApiKeysServiceClient(routing), now: now),
            principalRate: configuration.principalRate, addressRate: configuration.addressRate)
        for (service, channel) in backends {
            try add(service, over: channel, schema, gate, to: &table)
        }
        for (method, path, handler) in try handwritten(schema, gate) { try Self.add(method, path, handler, to: &table) }
        return table
    }

    /// Services with HTTP annotations, and where they are.
    private var backends: [(ServiceDescriptor, GRPC.Channel)] {
        Self.contactsServices.map { ($0, contacts) } + Self.conversationsServices.map { ($0, conversations) }
            + Self.routingServices.map { ($0, routing) }
            + Self.ticketsServices.map { ($0, tickets) } + Self.templatesServices.map { ($0, templates) }
            + Self.channelsServices.map { ($0, channels) }
    }

    static let contactsServices = [
        ContactsServiceDescriptor.service, ContactFieldsServiceDescriptor.service, ContactPrivacyServiceDescriptor.service,
    ]
    static let conversationsServices = [
        ConversationsServiceDescriptor.service, AttachmentsServiceDescriptor.service, ChannelAccountsServiceDescriptor.service,
        NotificationsServiceDescriptor.service, ClosingRulesServiceDescriptor.service,
        AutomaticRepliesServiceDescriptor.service, WidgetServiceDescriptor.service,
        ConversationReportsServiceDescriptor.service, ConversationAuditServiceDescriptor.service,
    ]
    static let routingServices = [
        RoutingServiceDescriptor.service, TenantsServiceDescriptor.service, DepartmentsServiceDescriptor.service,
        AgentsServiceDescriptor.service, RolesServiceDescriptor.service, ApiKeysServiceDescriptor.service,
        PresenceServiceDescriptor.service, AgentReportsServiceDescriptor.service,
    ]

    static let channelsServices = [OutboundServiceDescriptor.service, WebhooksServiceDescriptor.service]
    static let templatesServices = [TemplatesServiceDescriptor.service, SnippetsServiceDescriptor.service]
    static let ticketsServices = [
        TicketsServiceDescriptor.service, TicketAttachmentsServiceDescriptor.service, TicketCatalogueServiceDescriptor.service,
        SlaServiceDescriptor.service, TicketReportsServiceDescriptor.service,
    ]

    /// All of them.
    static var services: [ServiceDescriptor] {
        contactsServices + conversationsServices + routingServices + ticketsServices + templatesServices + channelsServices
    }

    static func schema() throws -> Schema {
        var schema = Schema()
        try schema.read(ContactsV1FileDescriptors.serialized)
        try schema.read(ConversationsV1FileDescriptors.serialized)
        try schema.read(RoutingV1FileDescriptors.serialized)
        try schema.read(TicketsV1FileDescriptors.serialized)
        try schema.read(TemplatesV1FileDescriptors.serialized)
        try schema.read(ChannelsV1FileDescriptors.serialized)
        return schema
    }

    /// The services whose news the live stream tells.
    var sources: [any FeedSource] {
        [
            ServiceLog(ConversationsServiceClient(conversations)), ServiceLog(ContactsServiceClient(contacts)),
            ServiceLog(TicketsServiceClient(tickets)), ServiceLog(RoutingServiceClient(routing)),
        ]
    }

    /// Fills the feed: one Watch per service.
    func feeds(logger: Logger) -> [ServiceFeed] {
        sources.map { ServiceFeed(source: $0, feed: feed, logger: logger) }
    }

    /// Tells routing which agents are here.
    func heartbeats(logger: Logger) -> HeartbeatLoop {
        HeartbeatLoop(attendance: attendance, presence: PresenceServiceClient(routing), logger: logger)
    }

    // MARK: - Routes of the contracts

    private func add(
        _ service: ServiceDescriptor, over channel: GRPC.Channel, _ schema: Schema, _ gate: Gate,
        to table: inout RouteTable<any EdgeHandler>
    ) throws {
        let methods = schema.services.first { $0.name == service.name }?.methods ?? []
        for method in methods where !method.clientStreams {
            guard let descriptor = service.methods.first(where: { $0.method == method.name }) else { continue }
            for binding in method.bindings {
                let template = try PathTemplate(binding.path)
                let route = TranscodedRoute(
                    plan: TranscodingPlan(method, binding, template: template, schema: schema),
                    descriptor: descriptor,
                    schema: schema,
                    channel: channel,
                    gate: gate,
                    location: Self.location(of: binding, in: methods),
                    limits: .init(bodyBytesMax: configuration.bodyBytesMax, ping: configuration.ping),
                    amend: Self.amendment(of: method)
                )
                try Self.add(binding.httpMethod, binding.path, route, to: &table)
            }
        }
    }

    /// What a POST to a collection makes is read at the collection's path plus its id, where a GET is bound there.
    private static func location(
        of binding: MethodSchema.Binding, in methods: [MethodSchema]
    ) -> (member: String, field: String)? {
        guard binding.httpMethod == "POST" else { return nil }
        for candidate in methods.flatMap(\.bindings)
        where candidate.httpMethod == "GET" && candidate.path.hasPrefix(binding.path + "/{") {
            let variable = candidate.path.dropFirst(binding.path.count + 2)
            guard variable.hasSuffix("}"), !variable.dropLast().contains("/") else { continue }
            let field = String(variable.dropLast())
            return (field.camelCased, field)
        }
        return nil
    }

    /// The origin of a widget's page is the browser's word in the header, never the page's in the body.
    private static func amendment(of method: MethodSchema) -> @Sendable (Exchange, inout JSONObject) -> Void {
        guard method.operationID == "WidgetService_CreateWidgetSession" else { return { _, _ in } }
        return { exchange, object in object["origin"] = .string(exchange[.origin] ?? "") }
    }

    // MARK: - Routes by hand

    private func handwritten(_ schema: Schema, _ gate: Gate) throws -> [(String, String, any EdgeHandler)] {
        let conversationsClient = ConversationsServiceClient(conversations)
        let contactsClient = ContactsServiceClient(contacts)
        let ticketsClient = TicketsServiceClient(tickets)
        let stream = LiveStream(
            feed: feed, sources: sources, attendance: attendance,
            timing: .init(ping: configuration.ping, rights: configuration.rights))
        let document = try OpenAPIDocument(schema: schema, extraPaths: HandwrittenPaths.all).json().bytes
        let attachments = Attachments(
            visitors: WidgetServiceClient(conversations), agents: AttachmentsServiceClient(conversations),
            tickets: TicketAttachmentsServiceClient(tickets), gate: gate,
            bytesMax: configuration.attachmentBytesMax)
        return [
            (
                "GET", "/v1/inbox",
                Inbox(
                    conversations: conversationsClient, contacts: contactsClient, tickets: ticketsClient, gate: gate,
                    schema: schema)
            ),
            (
                "GET", "/v1/conversations/{conversation_id}/details",
                ConversationDetails(
                    conversations: conversationsClient, contacts: contactsClient, tickets: ticketsClient, gate: gate)
            ),
            (
                "GET", "/v1/reports",
                Reports(
                    conversations: ConversationReportsServiceClient(conversations), tickets: TicketReportsServiceClient(tickets),
                    agents: AgentReportsServiceClient(routing), gate: gate, schema: schema)
            ),
            (
                "GET", "/v1/supervision",
                Supervision(
                    routing: RoutingServiceClient(routing), tickets: TicketReportsServiceClient(tickets), gate: gate,
                    schema: schema)
            ),
            ("GET", "/v1/me", Me(conversations: conversationsClient, agents: AgentsServiceClient(routing), gate: gate)),
            ("GET", "/v1/stream", AgentStream(stream: stream, conversations: conversationsClient, gate: gate)),
            ("GET", "/widget/v1/events", VisitorStream(stream: stream, gate: gate)),
            ("POST", "/widget/v1/attachments", EdgeFunction(attachments.uploadByVisitor)),
            ("GET", "/widget/v1/attachments/{attachment_id}/content", EdgeFunction(attachments.downloadByVisitor)),
            ("POST", "/v1/conversations/{conversation_id}/attachments", EdgeFunction(attachments.uploadByAgent)),
            ("POST", "/v1/channelAccounts/{channel_account_id}/attachments", EdgeFunction(attachments.uploadForAccount)),
            ("GET", "/v1/attachments/{attachment_id}/content", EdgeFunction(attachments.downloadByAgent)),
            ("POST", "/v1/tickets/{ticket_id}/attachments", EdgeFunction(attachments.uploadForTicket)),
            ("GET", "/v1/ticketAttachments/{attachment_id}/content", EdgeFunction(attachments.downloadOfTicket)),
            ("GET", "/openapi.json", EdgeFunction { _, _ in .json(document, headers: [("Cache-Control", "no-cache")]) }),
        ] + StaticFiles.files.map { ("GET", $0.path, StaticFiles.handler(type: $0.type, bytes: $0.bytes)) }
    }

    private static func add(
        _ method: String, _ path: String, _ handler: any EdgeHandler, to table: inout RouteTable<any EdgeHandler>
    ) throws {
        guard table.add(method, try PathTemplate.forRoute(path), handler) else { throw RouteTaken(route: "\(method) \(path)") }
    }
}

extension PathTemplate {
    /// `/` itself is one empty segment, which no contract has.
    fileprivate static func forRoute(_ path: String) throws -> PathTemplate {
        path == "/" ? PathTemplate(segments: [.literal("")], variables: [], verb: nil) : try PathTemplate(path)
    }
}

extension String {
    /// `message_id` is `messageId` in JSON.
    var camelCased: String {
        let words = split(separator: "_")
        return words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
