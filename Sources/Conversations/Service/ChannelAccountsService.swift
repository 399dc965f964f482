import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

/// The tenant's accounts on its channels.
struct ChannelAccountsService: ChannelAccountsServiceProtocol {
    let surroundings: Surroundings
}

extension ChannelAccountsService {
    func createChannelAccount(_ request: CreateChannelAccountRequest, _ context: ServerContext) async throws
        -> CreateChannelAccountResponse
    {
        try await surroundings.write(request, \.requestID, context) { work in
            let account = try ChannelAccount(request.channelAccount ?? ConversationsV1.ChannelAccount(), at: work.now)
            for department in [account.departmentID, account.botDepartmentID] where department != nil {
                guard work.directory.department(department) != nil else { throw ConversationsError.departmentNotFound }
            }
            _ = try await work.store.insert(account)
            work.audit(account.id.text)
            if let widget = account.widget { _ = try await work.store.insertKey(widget.key, account: account.id) }
            return CreateChannelAccountResponse(channelAccount: work.wire.account(account, showsSecret: true))
        }
    }

    func getChannelAccount(_ request: GetChannelAccountRequest, _ context: ServerContext) async throws
        -> GetChannelAccountResponse
    {
        var violations = Violations()
        let id = violations.id(request.channelAccountID, "channel_account_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            guard let account = try await work.store.account(id) else { throw ConversationsError.channelAccountNotFound }
            return GetChannelAccountResponse(channelAccount: work.wire.account(account))
        }
    }

    func listChannelAccounts(_ request: ListChannelAccountsRequest, _ context: ServerContext) async throws
        -> ListChannelAccountsResponse
    {
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        var violations = Violations()
        violations.count(request.kinds, "kinds", max: ConversationsService.filterWordsMax)
        try violations.check()
        let kinds = request.kinds.compactMap { ChannelKind($0) }
        guard kinds.count == request.kinds.count else { throw Failure.invalid("kinds", "has an unknown channel") }
        let arguments = ["accounts", try context.tenantID.text] + kinds.map(\.rawValue)
        let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
        return try await surroundings.read(context) { work in
            let after = position.flatMap { keys in UUID(id: keys[1]).map { (keys[0], $0) } }
            let rows = try await work.store.accounts(kinds: kinds, after: after, limit: size + 1)
            var response = ListChannelAccountsResponse(channelAccounts: rows.prefix(size).map { work.wire.account($0) })
            if rows.count > size {
                let last = rows[size - 1]
                response.nextPageToken = surroundings.pageTokens.token(after: [last.name, last.id.text], arguments: arguments)
            }
            return response
        }
    }

    func getWidgetOrigins(_ request: GetWidgetOriginsRequest, _ context: ServerContext) async throws -> GetWidgetOriginsResponse {
        var violations = Violations()
        violations.require(!request.widgetKey.isEmpty, "widget_key", "is required", reason: "REQUIRED")
        try violations.check()
        guard let place = try await surroundings.widget(request.widgetKey) else { throw ConversationsError.widgetKeyUnknown }
        return try await surroundings.transaction(place.tenantID, readOnly: true) { transaction in
            let store = ConversationStore(transaction: transaction, tenantID: place.tenantID)
            let account = try await store.account(place.accountID)
            return GetWidgetOriginsResponse(allowedOrigins: account?.widget?.allowedOrigins ?? [])
        }
    }
}

extension ChannelAccount {
    /// A new account as its tenant describes it.
    init(_ wire: ConversationsV1.ChannelAccount, at now: Instant) throws {
        var violations = Violations()
        let kind = ChannelKind(wire.kind)
        violations.require(kind != nil, "channel_account.kind", "is required", reason: "REQUIRED")
        violations.text(wire.displayName, "channel_account.display_name", 1...100)
        let department = violations.optionalID(wire.departmentID, "channel_account.department_id")
        let bot = violations.optionalID(wire.botID, "channel_account.bot_id")
        let directive = wire.botDirective ?? BotDirective()
        let path = "channel_account.bot_directive"
        violations.require(wire.botDirective == nil || bot != nil, path, "goes with a bot")
        let botDepartment = violations.optionalID(directive.departmentID, "\(path).department_id")
        let botMethod = violations.routeMethod(directive.method, "\(path).method")
        violations.require(
            wire.widget == nil || kind == .webchat, "channel_account.widget", "is for web chat alone")
        let standard = ChannelRules.standard(for: kind ?? .webchat)
        let rules = wire.rules.map { ChannelRules($0, standard: standard, &violations) } ?? standard
        let settings = wire.widget ?? WidgetSettings()
        violations.origins(settings.allowedOrigins)
        try violations.check()
        self.init(
            id: .v7(at: now), kind: kind ?? .webchat, name: wire.displayName, departmentID: department, disabled: wire.disabled,
            created: now, updated: now, rules: rules, botID: bot, botDepartmentID: botDepartment, botMethod: botMethod)
        if kind == .webchat {
            widget = Widget(
                key: "wk_" + Base64URL.encode(Self.random(18)), allowedOrigins: settings.allowedOrigins,
                identityEnforced: settings.identityEnforced, identitySecret: Base64URL.encode(Self.random(32)),
                visitorSecret: Self.random(32))
        }
    }

    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension Violations {
    mutating func origins(_ origins: [String]) {
        for (index, origin) in origins.enumerated() {
            require(
                Self.isOrigin(origin), "channel_account.widget.allowed_origins[\(index)]",
                "is no origin, such as https://shop.example")
        }
    }

    /// Scheme, host and port, nothing behind.
    private static func isOrigin(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 255 && parts.count == 3 && (parts[0] == "https:" || parts[0] == "http:") && parts[1].isEmpty
            && !parts[2].isEmpty && !parts[2].contains(where: \.isWhitespace)
    }
}
