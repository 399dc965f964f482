import Contacts
import ContactsV1
import Conversations
import ConversationsTesting
import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Logging
import Postgres
import PostgresTesting
import Routing
import ServiceDatabase
import ServiceRuntime
import Templates
import TemplatesV1
import Testing
import WallTime

/// Contacts, templates, conversations and routing in this process, over real sockets and one database, under one clock: what an
/// agent's desk reaches, with a tenant of two agents in one department and accounts of the channels that have a reply window.
struct Desk: Sendable {
    enum Account: Int, CaseIterable {
        case whatsapp = 1
        case otherWhatsapp, facebook, instagram

        var id: String { Desk.id(0x20 + rawValue).text }

        var kind: String {
            switch self {
            case .whatsapp, .otherWhatsapp: "whatsapp"
            case .facebook: "facebook"
            case .instagram: "instagram"
            }
        }
    }

    enum Person: Int, CaseIterable {
        case ana = 1
        case bob, operator_

        var id: UUID { Desk.id(0x10 + rawValue) }
        var role: String { self == .operator_ ? "operator" : "agent" }
        var name: String {
            switch self {
            case .ana: "Ana"
            case .bob: "Bob"
            case .operator_: "Otto"
            }
        }
    }

    static let tenantID = id(1)
    static let departmentID = id(2)

    static func id(_ n: Int) -> UUID { UUID(uuidString: "00000000-0001-7000-8000-\(String(format: "%012x", n))")! }

    let conversations: ConversationsServiceClient
    let attachments: AttachmentsServiceClient
    let accounts: ChannelAccountsServiceClient
    let replies: AutomaticRepliesServiceClient
    let templates: TemplatesServiceClient
    let contacts: ContactsServiceClient
    let privacy: ContactPrivacyServiceClient
    let clock: ProductClock
    let environment: DeskEnvironment
    /// Where contacts, conversations and templates answer.
    let addresses: [String: String]
    private let admin: AdminClient

    /// Runs the body while the services run.
    /// - Parameter templates: without them, conversations is told of an address where nobody answers.
    static func with(templates: Bool = true, _ body: @escaping @Sendable (Desk) async throws -> Void) async throws {
        let migrations = [
            ContactsModule.migrations!, TemplatesModule.migrations!, ConversationsModule.migrations!, RoutingModule.migrations!,
        ]
        try await withTestDatabase(migrating: migrations[0], migrations[1], migrations[2], migrations[3]) {
            (database) async throws in
            let environment = try DeskEnvironment(database)
            defer { environment.discard() }
            try await putDirectory(into: database)
            // Conversations and routing follow each other.
            let routingPort = try FreePort.next()
            try await RunningService<ContactsModule>.during(
                environment: environment.of("contacts", ["conversations": "127.0.0.1:1"]), logger: .quiet
            ) { (_, contacts, _) async throws in
                try await RunningService<TemplatesModule>.during(environment: environment.of("templates"), logger: .quiet) {
                    (_, other, _) async throws in
                    let addresses = [
                        "contacts": contacts.text, "templates": templates ? other.text : "127.0.0.1:1",
                        "routing": "127.0.0.1:\(routingPort)",
                    ]
                    try await RunningService<ConversationsModule>.during(
                        environment: environment.of("conversations", addresses), logger: .quiet
                    ) { (_, conversations, admin) async throws in
                        let channels = [contacts, other, conversations].map { GRPC.Channel(addresses: [$0]) }
                        let desk = Desk(
                            conversations: ConversationsServiceClient(channels[2]),
                            attachments: AttachmentsServiceClient(channels[2]),
                            accounts: ChannelAccountsServiceClient(channels[2]),
                            replies: AutomaticRepliesServiceClient(channels[2]),
                            templates: TemplatesServiceClient(channels[1]),
                            contacts: ContactsServiceClient(channels[0]),
                            privacy: ContactPrivacyServiceClient(channels[0]), clock: environment.clock, environment: environment,
                            addresses: addresses.merging(["conversations": conversations.text]) { $1 }, admin: admin)
                        // Routing knows no tenants, and so has no word in what happens; conversations has caught up with it.
                        let known = ["contacts": contacts.text, "conversations": conversations.text]
                        try await RunningService<RoutingModule>.during(
                            environment: environment.of(
                                "routing", known, ["SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(routingPort)"]), logger: .quiet
                        ) { _, _, _ in
                            try await desk.accountsAreThere(channels[2])
                            try await body(desk)
                            for channel in channels { await channel.close() }
                        }
                    }
                }
            }
        }
    }

    /// The tenant: everybody is there, also while the clock jumps.
    private static func putDirectory(into database: TestDatabase) async throws {
        let people = Person.allCases.map { (id: $0.id, name: $0.name) }
        let tenant = KnownTenant(tenantID, departmentID: departmentID, agents: people, loadMax: 50, emailLoadMax: 50)
        try await database.withAdministrator { try await tenant.insert(as: $0) }
    }

    /// Conversations brings its accounts into the database beside serving.
    private func accountsAreThere(_ channel: GRPC.Channel) async throws {
        let client = ChannelAccountsServiceClient(channel)
        while try await client.listChannelAccounts(ListChannelAccountsRequest(), try await by(.operator_)).channelAccounts.count
            < Account.allCases.count
        { try await Task.sleep(for: .milliseconds(10)) }
    }
}

/// What every service of a desk is told.
struct DeskEnvironment: Sendable {
    let clock: ProductClock
    let keys: LocalKeys
    private let directory: String
    private let database: TestDatabase

    init(_ database: TestDatabase) throws {
        self.database = database
        directory = FileManager.default.temporaryDirectory.appending(path: "desk-\(UUID().text)").path
        keys = LocalKeys(directory: directory)
        try keys.create(services: ["contacts", "conversations", "routing", "templates", "channels", "gateway"])
        clock = ProductClock(
            file: try TestClockFile(path: "\(directory)/clock", start: Instant(milliseconds: 1_790_416_800_000)))
        try Data(Self.people.utf8).write(to: URL(filePath: "\(directory)/directory.json"))
    }

    func discard() { _ = try? FileManager.default.removeItem(atPath: directory) }

    func of(_ service: String, _ addresses: [String: String] = [:], _ more: [String: String] = [:]) -> [String: String] {
        var environment = [
            "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
            "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
            "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: service),
            "SWITCHBOARD_DRAIN_GRACE": "1s", "SWITCHBOARD_TEST_CLOCK": "\(directory)/clock",
        ]
        if service != "gateway" { environment["SWITCHBOARD_DATABASE_URL"] = database.runtimeURL(of: service) }
        // Who is not told where routing is follows nobody here.
        environment["SWITCHBOARD_ROUTING_ADDRESSES"] = "127.0.0.1:1"
        if service == "conversations" {
            environment["SWITCHBOARD_DIRECTORY_FILE"] = "\(directory)/directory.json"
        }
        for (callee, address) in addresses { environment["SWITCHBOARD_\(callee.uppercased())_ADDRESSES"] = address }
        return environment.merging(more) { $1 }
    }

    private static var people: String {
        let department = Desk.departmentID.text
        let agents = Desk.Person.allCases.map {
            """
            {"id": "\($0.id.text)", "name": "\($0.name)", "role": "\($0.role)", "departments": ["\(department)"], "loadMax": 50}
            """
        }
        let accounts = Desk.Account.allCases.map {
            #"{"id": "\#($0.id)", "kind": "\#($0.kind)", "name": "\#($0)", "department": "\#(department)"}"#
        }
        return """
            {"tenants": [{"id": "\(Desk.tenantID.text)", "name": "Acme",
              "departments": [{"id": "\(department)", "name": "Support", "default": true}],
              "agents": [\(agents.joined(separator: ","))], "channelAccounts": [\(accounts.joined(separator: ","))]}]}
            """
    }
}

extension ServerAddress {
    var text: String { "\(host):\(port)" }
}

// MARK: - Who calls

extension Desk {
    func token(of person: Person, role: String? = nil) async throws -> String {
        try await environment.keys.agentToken(
            tenantID: Self.tenantID, agentID: person.id, name: person.name, roles: [role ?? person.role], now: clock.now)
    }

    func by(_ person: Person, role: String? = nil) async throws -> CallOptions {
        CallOptions(
            timeout: .seconds(30), metadata: ["authorization": "Bearer \(try await token(of: person, role: role))"])
    }

    /// The service channels, which is not there yet, in its own name.
    func byChannels(to callee: String) async throws -> CallOptions {
        var options = try await byService("channels", to: callee)
        options.metadata.add(Self.tenantID.text, for: ServiceCredentials.tenantMetadata)
        return options
    }

    /// A service in its own name, for no tenant.
    func byService(_ service: String, to callee: String) async throws -> CallOptions {
        let key = try String(contentsOfFile: environment.keys.privateKey(of: service), encoding: .utf8)
        let credentials = try ServiceCredentials(service: service, key: key, now: { clock.now })
        return CallOptions(
            timeout: .seconds(30), metadata: ["authorization": "Bearer \(try await credentials.token(for: callee))"])
    }
}

// MARK: - What happens in templates and contacts

extension Desk {
    /// A template of the gallery: "Hi {{1}}, order {{2}} shipped." unless another text is given.
    func template(
        _ name: String = "order_update", _ language: String = "en_US", text: String = "Hi {{1}}, order {{2}} shipped.",
        header: HeaderFormat? = nil, category: TemplateCategory = .utility, of account: Account = .whatsapp,
        verdict: ProviderVerdict? = .approved
    ) async throws -> String {
        let variables = text.matches(of: /\{\{([a-z0-9_]+)\}\}/).map { String($0.output.1) }
        var template = TemplatesV1.Template(
            channelAccountID: account.id, name: name, language: language, category: category,
            body: TemplateBody(text: text, examples: variables.map { VariableExample(variable: $0, text: "Ana") }))
        template.header = header.map { TemplateHeader(format: $0, mediaExample: $0 == .location ? "" : "4::aW") }
        let admin = try await by(.operator_, role: "admin")
        let made = try await templates.createTemplate(
            CreateTemplateRequest(template: template, requestID: UUID().text), admin)
        let id = try #require(made.template?.templateID)
        guard let verdict else { return id }
        _ = try await templates.submitTemplate(SubmitTemplateRequest(templateID: id, requestID: UUID().text), admin)
        try await reportTemplate(id, verdict)
        return id
    }

    /// What the provider says of a template now.
    func reportTemplate(_ id: String, _ verdict: ProviderVerdict) async throws {
        // Providers count seconds.
        try advance(by: .seconds(1))
        _ = try await templates.reportTemplateStatus(
            ReportTemplateStatusRequest(
                templateID: id, report: ProviderReport(verdict: verdict, providerTime: Timestamp(clock.now))),
            try await byChannels(to: "templates"))
    }

    /// A contact with one address.
    func contact(
        _ address: String = "5511987654321", _ kind: IdentityKind = .whatsapp, scope: String = "", locale: String = ""
    ) async throws -> String {
        let made = try await contacts.createContact(
            CreateContactRequest(
                contact: Contact(displayName: "Ada", locale: locale),
                identities: [ContactsV1.ChannelIdentity(kind: kind, scope: scope, address: address)], requestID: UUID().text),
            try await by(.ana))
        return try #require(made.contact?.contactID)
    }
}

// MARK: - What happens in conversations

extension Desk {
    static let values = ["1": "Ana", "2": "A-1"]

    func startRequest(
        _ contact: String, _ template: String?, _ values: [String: String] = values, language: String = "", text: String = "",
        on account: Account = .whatsapp, patience: Swift.Duration? = nil
    ) -> StartConversationRequest {
        var request = StartConversationRequest(
            requestID: UUID().text, channelAccountID: account.id, contactID: contact, text: text)
        request.template = template.map { TemplateUse(templateID: $0, language: language, variables: values) }
        request.autoCloseAfter = patience.map { GoogleProtobuf.Duration($0) }
        return request
    }

    /// Uploads a file that is to go out from an account.
    func upload(
        _ bytes: [UInt8], _ mediaType: String, for account: Account = .whatsapp, by person: Person = .ana
    ) async throws -> String {
        let header = UploadAttachmentHeader(
            file: AttachmentHeader(mediaType: mediaType, fileName: "file"), channelAccountID: account.id, requestID: UUID().text)
        let answer = try await attachments.uploadAttachment(try await by(person)) { pieces in
            try await pieces.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadAttachmentRequest(piece: .data(bytes)))
        }
        return try #require(answer.attachment?.attachmentID)
    }

    func start(
        _ contact: String, _ template: String?, _ values: [String: String] = values, language: String = "", text: String = "",
        on account: Account = .whatsapp, patience: Swift.Duration? = nil, by person: Person = .ana
    ) async throws -> (conversation: ConversationsV1.Conversation, message: ConversationsV1.Message) {
        let answer = try await conversations.startConversation(
            startRequest(contact, template, values, language: language, text: text, on: account, patience: patience),
            try await by(person))
        return (try #require(answer.conversation), try #require(answer.message))
    }

    func resume(
        _ id: String, _ template: String, _ values: [String: String] = values, patience: Swift.Duration? = nil,
        by person: Person = .ana
    ) async throws -> ConversationsV1.Conversation {
        var request = ResumeByTemplateRequest(
            conversationID: id, requestID: UUID().text, template: TemplateUse(templateID: template, variables: values))
        request.autoCloseAfter = patience.map { GoogleProtobuf.Duration($0) }
        return try #require(try await conversations.resumeByTemplate(request, try await by(person)).conversation)
    }

    func send(_ id: String, text: String = "", template: String? = nil, accept: Bool = false, by person: Person = .ana)
        async throws -> ConversationsV1.Message
    {
        var request = SendMessageRequest(conversationID: id, requestID: UUID().text, text: text, accept: accept)
        request.content = template.map {
            MessageContent(content: .template(TemplateUse(templateID: $0, variables: Self.values)))
        }
        return try #require(try await conversations.sendMessage(request, try await by(person)).message)
    }

    /// How far a message came, as its provider says.
    func report(_ message: String, _ status: DeliveryStatus, reason: String = "") async throws {
        _ = try await conversations.reportDelivery(
            ReportDeliveryRequest(
                messageID: message, requestID: UUID().text, status: status, providerTime: Timestamp(clock.now),
                failureReason: reason), try await byChannels(to: "conversations"))
    }

    /// A customer writes.
    @discardableResult
    func customer(
        _ address: String = "5511987654321", says text: String = "hello", to account: Account = .whatsapp, at time: Instant? = nil
    ) async throws -> ConversationsV1.Conversation {
        let answer = try await conversations.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: account.id, providerMessageID: UUID().text, senderAddress: address, kind: .text, text: text,
                providerTime: time.map { Timestamp($0) }), try await byChannels(to: "conversations"))
        return try #require(answer.conversation)
    }

    func get(_ id: String, by person: Person = .ana) async throws -> ConversationsV1.Conversation {
        try #require(
            try await conversations.getConversation(GetConversationRequest(conversationID: id), try await by(person)).conversation
        )
    }

    func canSend(_ id: String) async throws -> CanSendResponse {
        try await conversations.canSend(CanSendRequest(conversationID: id), try await by(.ana))
    }

    /// Oldest first.
    func messages(_ id: String) async throws -> [ConversationsV1.Message] {
        try await conversations.listMessages(ListMessagesRequest(conversationID: id), try await by(.ana)).messages
    }

    func count(of view: InboxView) async throws -> Int {
        try await conversations.listConversations(ListConversationsRequest(view: view, pageSize: 100), try await by(.operator_))
            .conversations.count
    }

    func advance(by duration: Swift.Duration) throws { try clock.set(clock.now.advanced(by: duration)) }

    /// Everything that is due has happened.
    func settle() async throws {
        let reply = try await admin.post("/test/settle")
        #expect(reply.status == 200, "\(reply.body)")
    }
}

/// What a call over the network was refused with: code, reason, and the fields it names; empty for none.
func told<Answer>(_ call: () async throws -> Answer) async -> String {
    do {
        _ = try await call()
        return ""
    } catch let error as RPCError {
        return (["\(error.code)", error.reason ?? "-"] + error.wrongFields.map(\.field)).joined(separator: " ")
    } catch {
        return "\(error)"
    }
}
