import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import Protobuf
import ServiceDatabase
import ServiceRuntime
import WallTime

/// What every handler of this service works with.
struct Surroundings: Sendable {
    static let schema = "conversations"

    var pool: PostgresPool
    var events: EventLog
    var requests: RequestStore
    var clock: ProductClock
    var pageTokens: PageTokens
    /// Channel accounts that are made at start, if they are not there.
    var accountSeeds: [AccountSeed] = []
    var contacts: any ContactBook
    var templates: any TemplateBook
    var visitorTokens: VisitorTokens
    /// Where customers reach the gateway, without a closing slash.
    var publicURL = "http://127.0.0.1:8080"
    var logger: Logger
    /// Wakes this process's worker when a timer is set.
    var timers = TimerBell()
    var directories = Directories()
    /// How much of who types one caller may say.
    var typingLimit = TypingLimit()
    /// Events with the rows of now, for all streams of this process.
    var told = EventJoin<ConversationEvent>()
}

extension Surroundings {
    var typing: TypingBoard { TypingBoard(pool: pool, limit: typingLimit) }

    var jobs: JobQueue { JobQueue(schema: Self.schema, pool: pool) }

    /// A look at a tenant's rows.
    func read<Answer: Sendable>(
        _ context: ServerContext, _ body: (Work) async throws -> Answer
    ) async throws -> Answer {
        try await read(context, with: { _ in [] }) { work, _ in try await body(work) }
    }

    /// The same, in fewer round trips.
    /// - Parameter statements: what is asked for anyhow, together with the tenant's own row; the body gets the answers.
    func read<Answer: Sendable>(
        _ context: ServerContext, with statements: (ConversationStore) -> [SQL], _ body: (Work, [Rows]) async throws -> Answer
    ) async throws -> Answer {
        let tenantID = try context.tenantID
        return try await transaction(tenantID, readOnly: true) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: tenantID)
            let answers = try await transaction.pipeline([store.tenantRow] + statements(store))
            return try await body(work(context, transaction, answers[0].first), Array(answers.dropFirst()))
        }
    }

    /// A change under a request_id: request, effect, events and answer are one transaction.
    /// - Parameter changed: the field that holds what a mask changes: of it nothing is required, for the rest of it stays.
    func write<Request: Protobuf.Message, Response: Protobuf.Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, changed: String? = nil, _ context: ServerContext,
        _ body: (Work) async throws -> Response
    ) async throws -> Response {
        try checkRequired(request, changed: changed)
        return try await write(checked: request, requestID, context, groupedBy: nil, with: { _ in [] }) { work, _ in
            try await body(work)
        }
    }

    /// The same, in fewer round trips, for a request in which nothing that is required is missing.
    /// - Parameters:
    ///   - key: where it is given, others' changes of other keys may be committed together with this one.
    ///   - statements: what is asked for anyhow, together with the request and the tenant's own row; the body gets the
    ///     answers.
    func write<Request: Protobuf.Message, Response: Protobuf.Message>(
        checked request: Request, _ requestID: WritableKeyPath<Request, String>, _ context: ServerContext,
        groupedBy key: String?, with statements: (ConversationStore) -> [SQL], _ body: (Work, [Rows]) async throws -> Response
    ) async throws -> Response {
        let tenantID = try context.tenantID
        let id = request[keyPath: requestID]
        var rest = request
        rest[keyPath: requestID] = ""
        return try await transaction(tenantID, groupedBy: key) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: tenantID)
            let asked = [store.tenantRow] + statements(store)
            return try await requests.once(id, rest, context, in: transaction, with: asked) { answers in
                let work = try await work(context, transaction, answers[0].first)
                try work.directory.requireActive()
                return try await body(work, Array(answers.dropFirst()))
            }
        }
    }

    /// The answer that this request got before; `nil`: it is new. Looked for before another service is asked, so that a
    /// repetition needs none, and is not judged anew.
    func answered<Request: Protobuf.Message, Response: Protobuf.Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, _ context: ServerContext
    ) async throws -> Response? {
        var rest = request
        rest[keyPath: requestID] = ""
        // Its lock has to be free again when the request itself is carried out: not one that ends unseen.
        return try await transaction(context.tenantID) { transaction in
            try await requests.answer(to: request[keyPath: requestID], rest, context, in: transaction)
        }
    }

    /// A call's work, by the directory of now.
    private func work(_ context: ServerContext, _ transaction: Transaction, _ tenantRow: Row?) async throws -> Work {
        let store = ConversationStore(transaction: transaction, tenantID: try context.tenantID)
        let directory = try await directory(store, tenantRow)
        return Work(self, try Caller(context, directory), directory, transaction, now: clock.now)
    }

    /// The service's own work, on nobody's behalf: a timer that fires, news of another service.
    func systemWork(of tenantID: UUID, _ transaction: Transaction) async throws -> Work {
        let directory = try await directory(ConversationStore(transaction: transaction, tenantID: tenantID))
        return Work(self, .system(of: tenantID), directory, transaction, now: clock.now)
    }

    /// - Throws: INVALID_ARGUMENT naming all that the contract requires and the request lacks.
    func checkRequired(_ request: some Protobuf.Message, changed: String? = nil) throws(Failure) {
        var violations = Violations()
        for path in Self.requiredFields.missing(in: request) where changed.map({ !path.hasPrefix($0 + ".") }) ?? true {
            violations.add(path, "is required", reason: "REQUIRED")
        }
        try violations.check()
    }

    private static let requiredFields: RequiredFields = {
        guard let fields = try? RequiredFields(ConversationsServiceDescriptor.service) else {
            preconditionFailure("the contract's own descriptors cannot be read")
        }
        return fields
    }()

    func transaction<Answer: Sendable>(
        _ tenantID: UUID, readOnly: Bool = false, groupedBy key: String? = nil,
        _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        guard let key else { return try await pool.transaction(.tenant(tenantID, readOnly: readOnly)) { try await body($0) } }
        return try await pool.transaction(.tenant(tenantID), groupedBy: key) { try await body($0) }
    }
}

/// Who calls, as far as conversations ask.
struct Caller: Sendable {
    enum Kind: Sendable {
        case person(Viewer<UUID>)
        /// A service on its own behalf, or a bot: no agent, reads what its permission lets it.
        case machine
    }

    var tenantID: UUID
    var kind: Kind
    /// As messages and history name him.
    var actor: Author
    /// As the audit trail tells it; what he does is the RPC's name, empty where it is no RPC.
    var author: AuditAuthor
    /// Scope of request ids, and of files not yet sent.
    var identity: String { author.actor }

    /// - Throws: TENANT_SUSPENDED where routing has not told of the tenant, AGENT_DEACTIVATED for who works here no more.
    init(_ context: ServerContext, _ directory: Directory) throws {
        self = try Caller(machine: context)
        let tenant = try directory.known
        let principal = try context.principal
        guard principal.kind == .agent, let agentID = principal.agentID else { return }
        let known = directory.agents[agentID]
        if known?.isDeactivated ?? false { throw ConversationsError.agentDeactivated }
        kind = .person(
            Viewer(
                agentID: agentID, role: Viewer<UUID>.Role(principal), departmentIDs: known?.departmentIDs ?? [],
                seesAllDepartments: tenant.seesAllDepartments))
        actor = Author(kind: .agent, id: agentID.text, name: known?.name ?? principal.name)
    }

    /// A caller who is no agent: another service, a bot, a visitor.
    init(machine context: ServerContext) throws {
        let principal = try context.principal
        tenantID = try context.tenantID
        author = try AuditAuthor(context)
        kind = .machine
        actor = principal.kind == .bot ? Author(kind: .bot, id: principal.subject, name: principal.name) : .system
    }

    private init(systemOf tenantID: UUID) {
        self.tenantID = tenantID
        kind = .machine
        actor = .system
        author = AuditAuthor(actor: "service:\(Surroundings.schema)", action: "")
    }

    /// The service itself, on nobody's behalf: a timer that fires, news of another service.
    static func system(of tenantID: UUID) -> Caller { Caller(systemOf: tenantID) }

    /// The agent who calls.
    /// - Throws: AGENT_NOT_FOUND for machines: what follows is a person's to do.
    var viewer: Viewer<UUID> {
        get throws {
            guard case .person(let viewer) = kind else { throw ConversationsError.agentNotFound }
            return viewer
        }
    }

    var isBot: Bool { actor.kind == .bot }

    func reads(_ conversation: Conversation) -> Bool {
        guard case .person(let viewer) = kind else { return true }
        return viewer.reads(
            department: conversation.departmentID, assignee: conversation.assigneeID,
            mentioned: Set(conversation.mentionedAgentIDs))
    }
}

extension Viewer<UUID>.Role {
    /// By his built-in role; a role of the tenant's own supervises by its permission.
    init(_ principal: Principal) {
        switch principal.role {
        case .admin: self = .admin
        case .operator: self = .operator
        case .agent, .viewer, nil: self = principal.has(.conversationsSupervise) ? .operator : .agent
        }
    }
}

/// Where addresses become contacts: the contacts service, or a test's own.
protocol ContactBook: Sendable {
    /// The contact of an address, made if there is none.
    func resolve(_ address: ContactAddress, tenantID: UUID) async throws -> ResolvedContact
    /// The contact's addresses on one channel account, the oldest first.
    /// - Returns: `nil` where there is no such contact.
    func addresses(of contact: UUID, on account: ChannelAccount, tenantID: UUID) async throws -> [ContactAddress]?
    /// Adds what the owner of an address says of himself, unproven.
    /// - Returns: whether all of it is his now; what is another contact's stays there.
    func add(_ addresses: [LeftAddress], to own: ContactAddress, tenantID: UUID) async throws -> Bool
    /// Makes one contact of two addresses that are one person's: what the first has becomes the second's (C36). Said again, it
    /// changes nothing; where contacts cannot hold both together, they stay apart.
    func join(_ guest: ContactAddress, into user: ContactAddress, tenantID: UUID) async throws
    /// The contact's language, BCP 47; empty where nobody knows it.
    func locale(of contact: UUID, tenantID: UUID) async throws -> String
    /// What the contact said last of being written to for a purpose on a channel, whenever that was; `nil`: nothing.
    func consent(to purpose: String, of contact: UUID, on channel: ChannelKind, tenantID: UUID) async throws -> ContactConsent?
}

/// One statement of consent, as contacts keeps it.
struct ContactConsent: Sendable, Hashable {
    /// "granted", "denied" or "withdrawn".
    var state: String
    /// When it lapses by itself.
    var expires: Instant?

    /// Why it keeps us from writing; `nil`: it does not.
    func obstacle(at now: Instant) -> String? {
        if state != "granted" { return state }
        return expires.map { $0 <= now } ?? false ? "lapsed" : nil
    }
}

/// Whose an address is.
struct ResolvedContact: Sendable {
    var id: UUID
    /// BCP 47; empty: nobody knows it.
    var locale = ""
    /// IANA name; empty: nobody knows it.
    var timeZone = ""
}

struct ContactAddress: Hashable, Sendable {
    /// Whether somebody who wrote this means the address: a number with its plus sign is the number.
    func isMeant(by text: String) -> Bool {
        address == text || (channel == .whatsapp && address.withoutPlus == text.withoutPlus)
    }

    var channel: ChannelKind
    /// Where the address is unique: the account, where the channel's addresses are the account's own.
    var accountID: UUID
    var address: String
    var name = ""
    var locale = ""
    var timeZone = ""
    var email = ""
    var verified = false
}

extension String {
    /// A telephone number as WhatsApp knows it.
    var withoutPlus: String { hasPrefix("+") ? String(dropFirst()) : self }
}
