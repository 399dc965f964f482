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
            try work.check(account)
            _ = try await work.store.insert(account)
            work.audit(account.id.text)
            if let widget = account.widget { _ = try await work.store.insertKey(widget.key, account: account.id) }
            return CreateChannelAccountResponse(channelAccount: work.wire.account(account, showsSecret: true))
        }
    }

    func updateChannelAccount(_ request: UpdateChannelAccountRequest, _ context: ServerContext) async throws
        -> UpdateChannelAccountResponse
    {
        try await surroundings.write(request, \.requestID, changed: "channel_account", context) { work in
            let wire = request.channelAccount ?? ConversationsV1.ChannelAccount()
            var violations = Violations()
            let id = violations.id(wire.channelAccountID, "channel_account.channel_account_id")
            // Every id that is none is told at once; the rest depends on the account's channel.
            _ = violations.optionalID(wire.departmentID, "channel_account.department_id")
            _ = violations.optionalID(wire.botID, "channel_account.bot_id")
            _ = violations.optionalID(wire.botDirective?.departmentID ?? "", "channel_account.bot_directive.department_id")
            try violations.check()
            let expected = try ETag.expectedVersion(wire.etag)
            guard var account = try await work.store.lockedAccount(id) else {
                throw ConversationsError.channelAccountNotFound
            }
            if let expected, expected != account.version { throw Failure.etagMismatch }
            let before = account.rules
            let paths = try account.take(wire, request, at: work.now)
            try work.check(account)
            try await work.store.update(account)
            if account.rules != before { try await work.wakeWindows(of: account) }
            work.audit(account.id.text, paths: paths.sorted())
            account.version += 1
            return UpdateChannelAccountResponse(channelAccount: work.wire.account(account))
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
        let kinds = violations.channels(request.kinds, "kinds")
        try violations.check()
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

extension Work {
    /// What an account names is there.
    fileprivate func check(_ account: ChannelAccount) throws {
        for department in [account.departmentID, account.botDepartmentID] where department != nil {
            guard directory.department(department) != nil else { throw ConversationsError.departmentNotFound }
        }
        try directory.checkLabels(account.labelRules.flatMap(\.labels))
    }
}

extension Work {
    /// What waits already goes by the new window: each conversation it may concern judges its timer anew.
    fileprivate func wakeWindows(of account: ChannelAccount) async throws {
        try await store.wakeWindows(of: account.id, at: now)
        transaction.afterCommit { [surroundings, now] in surroundings.timers.ring(for: now) }
    }
}

/// What a tenant says of an account, parsed.
private struct AccountFields {
    var name: String
    var departmentID: UUID?
    var disabled: Bool
    var rules: ChannelRules
    var allowedOrigins: [String]
    var identityEnforced: Bool
    var labelRules: [LabelRule]
    var botID: UUID?
    var botDepartmentID: UUID?
    var botMethod: RouteMethod?

    static let writable: Set<String> = [
        "display_name", "department_id", "rules", "disabled", "widget.allowed_origins", "widget.identity_enforced",
        "label_rules", "bot_id", "bot_directive",
    ]

    /// - Parameter namesAccount: a name must be there.
    init(
        _ wire: ConversationsV1.ChannelAccount, of kind: ChannelKind?, namesAccount: Bool, _ violations: inout Violations
    ) {
        let path = "channel_account"
        name = violations.text(wire.displayName, "\(path).display_name", (namesAccount ? 1 : 0)...100)
        departmentID = violations.optionalID(wire.departmentID, "\(path).department_id")
        botID = violations.optionalID(wire.botID, "\(path).bot_id")
        let directive = wire.botDirective ?? BotDirective()
        botDepartmentID = violations.optionalID(directive.departmentID, "\(path).bot_directive.department_id")
        botMethod = violations.routeMethod(directive.method, "\(path).bot_directive.method")
        violations.require(wire.widget == nil || kind == .webchat, "\(path).widget", "is for web chat alone")
        let standard = ChannelRules.standard(for: kind ?? .webchat)
        rules = wire.rules.map { ChannelRules($0, standard: standard, &violations) } ?? standard
        disabled = wire.disabled
        let settings = wire.widget ?? WidgetSettings()
        for (index, origin) in settings.allowedOrigins.enumerated() {
            violations.require(
                Self.isOrigin(origin), "\(path).widget.allowed_origins[\(index)]", "is no origin, such as https://shop.example")
        }
        (allowedOrigins, identityEnforced) = (settings.allowedOrigins, settings.identityEnforced)
        labelRules = violations.labelRules(wire.labelRules, "\(path).label_rules")
    }

    /// The fields that an update without a mask sets.
    static func populated(_ wire: ConversationsV1.ChannelAccount) -> Set<String> {
        let set: [(String, Bool)] = [
            ("display_name", !wire.displayName.isEmpty), ("department_id", !wire.departmentID.isEmpty),
            ("rules", wire.rules != nil), ("disabled", wire.disabled),
            ("widget.allowed_origins", !(wire.widget?.allowedOrigins ?? []).isEmpty),
            ("widget.identity_enforced", wire.widget?.identityEnforced ?? false), ("label_rules", !wire.labelRules.isEmpty),
            ("bot_id", !wire.botID.isEmpty), ("bot_directive", wire.botDirective != nil),
        ]
        return Set(set.filter(\.1).map(\.0))
    }

    /// Scheme, host and port, nothing behind.
    private static func isOrigin(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 255 && parts.count == 3 && (parts[0] == "https:" || parts[0] == "http:") && parts[1].isEmpty
            && !parts[2].isEmpty && !parts[2].contains(where: \.isWhitespace)
    }
}

extension Violations {
    /// C3.
    fileprivate mutating func requireName(_ rules: ChannelRules, of kind: ChannelKind) {
        let path = "channel_account.rules.channel_name"
        if kind == .other {
            require(!rules.channelName.isEmpty, path, "is required for CHANNEL_KIND_OTHER, as in SMS", reason: "REQUIRED")
        } else {
            require(rules.channelName.isEmpty, path, "is for CHANNEL_KIND_OTHER alone")
        }
    }

    fileprivate mutating func labelRules(_ rules: [ConversationsV1.LabelRule], _ field: String) -> [LabelRule] {
        count(rules, field, max: LabelRule.countMax)
        return rules.prefix(LabelRule.countMax).enumerated().map { index, rule in
            let path = "\(field)[\(index)]"
            count(rule.words, "\(path).words", max: LabelRule.wordsMax)
            for (n, word) in rule.words.prefix(LabelRule.wordsMax).enumerated() {
                text(word, "\(path).words[\(n)]", 1...LabelRule.wordCharactersMax)
            }
            labels(rule.labels, "\(path).labels")
            require((0...4).contains(rule.priority), "\(path).priority", "is 0 to 4", reason: "RANGE")
            require(!rule.labels.isEmpty || rule.priority != 0, path, "gives neither labels nor a priority")
            for (word, name) in [(rule.words, "words"), (rule.labels, "labels")] {
                require(!word.contains { $0.contains(where: \.isNewline) }, "\(path).\(name)", "has more than one line")
            }
            return LabelRule(words: rule.words, labels: rule.labels, priority: Int16(clamping: rule.priority))
        }
    }
}

extension ChannelAccount {
    /// A new account as its tenant describes it.
    init(_ wire: ConversationsV1.ChannelAccount, at now: Instant) throws {
        var violations = Violations()
        let kind = ChannelKind(wire.kind)
        violations.require(kind != nil, "channel_account.kind", "is required", reason: "REQUIRED")
        let fields = AccountFields(wire, of: kind, namesAccount: true, &violations)
        violations.require(wire.botDirective == nil || fields.botID != nil, Self.directivePath, "goes with a bot")
        if let kind { violations.requireName(fields.rules, of: kind) }
        try violations.check()
        self.init(
            id: .v7(at: now), kind: kind ?? .webchat, name: fields.name, departmentID: fields.departmentID,
            disabled: fields.disabled, created: now, updated: now, rules: fields.rules, labelRules: fields.labelRules,
            botID: fields.botID, botDepartmentID: fields.botDepartmentID, botMethod: fields.botMethod)
        if kind == .webchat {
            widget = Widget(
                key: "wk_" + Base64URL.encode(Self.random(18)), allowedOrigins: fields.allowedOrigins,
                identityEnforced: fields.identityEnforced, identitySecret: Base64URL.encode(Self.random(32)),
                visitorSecret: Self.random(32))
        }
    }

    /// Takes over what an update says.
    /// - Returns: the paths that it sets.
    fileprivate mutating func take(
        _ wire: ConversationsV1.ChannelAccount, _ update: UpdateChannelAccountRequest, at now: Instant
    ) throws -> Set<String> {
        let mask = try UpdateMask(
            update.updateMask, writable: AccountFields.writable, populated: AccountFields.populated(wire))
        var violations = Violations()
        violations.require(
            wire.kind == .unspecified || ChannelKind(wire.kind) == kind, "channel_account.kind", "cannot be changed",
            reason: "IMMUTABLE")
        let fields = AccountFields(wire, of: kind, namesAccount: mask.contains("display_name"), &violations)
        let onWidget = mask.contains("widget.allowed_origins") || mask.contains("widget.identity_enforced")
        violations.require(
            update.updateMask == nil || !onWidget || kind == .webchat || mask.paths == AccountFields.writable,
            "update_mask", "names what is for web chat alone")
        let directed = mask.paths(below: "bot_directive")
        guard ChannelRules.areAllKnown(in: mask), directed.isSubset(of: ["department_id", "method"]) else {
            throw UpdateMask.failure([
                .init("update_mask", "names a rule, or a part of the directive, that is none", reason: "UNKNOWN_PATH")
            ])
        }
        let bot = mask.contains("bot_id") ? fields.botID : botID
        let takesDirective = mask.contains("bot_directive") || !directed.isEmpty
        violations.require(!takesDirective || wire.botDirective == nil || bot != nil, Self.directivePath, "goes with a bot")
        try violations.check()
        if mask.contains("display_name") { name = fields.name }
        if mask.contains("department_id") { departmentID = fields.departmentID }
        if mask.contains("disabled") { disabled = fields.disabled }
        rules.take(wire.rules ?? ConversationsV1.ChannelRules(), fields.rules, mask)
        violations.requireName(rules, of: kind)
        try violations.check()
        if mask.contains("label_rules") { labelRules = fields.labelRules }
        if mask.contains("widget.allowed_origins") { widget?.allowedOrigins = fields.allowedOrigins }
        if mask.contains("widget.identity_enforced") { widget?.identityEnforced = fields.identityEnforced }
        if mask.contains("bot_directive.department_id") { botDepartmentID = fields.botDepartmentID }
        if mask.contains("bot_directive.method") { botMethod = fields.botMethod }
        botID = bot
        // What becomes of what no bot hands off is nobody's to say.
        if bot == nil { (botDepartmentID, botMethod) = (nil, nil) }
        updated = now
        return mask.paths
    }

    private static let directivePath = "channel_account.bot_directive"

    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
