import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    func account(_ id: UUID) async throws -> ChannelAccount? {
        try await transaction.query(account(id)).map(ChannelAccount.init(row:)).first
    }

    func account(_ id: UUID) -> SQL {
        """
        select \(fragment: Self.accountColumns)
        from conversations.channel_account
        where tenant_id = \(tenantID) and channel_account_id = \(id)
        """
    }

    /// The rules by which conversations run, by account.
    func rules(of conversations: [Conversation]) async throws -> [UUID: ChannelRules] {
        let accounts = conversations.map(\.channelAccountID).distinct()
        guard !accounts.isEmpty else { return [:] }
        let rows = try await transaction.query(
            """
            select \(fragment: Self.accountColumns)
            from conversations.channel_account
            where tenant_id = \(tenantID) and channel_account_id = any(\(accounts))
            """
        ).map(ChannelAccount.init(row:))
        return Dictionary(rows.map { ($0.id, $0.rules) }, uniquingKeysWith: { first, _ in first })
    }

    /// Accounts by name, behind (name, id).
    func accounts(kinds: [ChannelKind], after: (name: String, id: UUID)?, limit: Int) async throws -> [ChannelAccount] {
        try await transaction.query(
            """
            select \(fragment: Self.accountColumns)
            from conversations.channel_account
            where tenant_id = \(tenantID)
                and (cardinality(\(kinds.map(\.rawValue))::text[]) = 0 or kind = any(\(kinds.map(\.rawValue))))
                and (\(after == nil) or (display_name, channel_account_id) > (\(after?.name ?? ""), \(after?.id)))
            order by display_name, channel_account_id
            limit \(limit)
            """
        ).map(ChannelAccount.init(row:))
    }

    /// A new account; one that is there stays as it is.
    func insert(_ account: ChannelAccount) async throws -> Bool {
        let (a, r) = (account, account.rules)
        let files = r.attachments.sorted { $0.key.rawValue < $1.key.rawValue }
        return try await transaction.query(
            """
            insert into conversations.channel_account
                (tenant_id, channel_account_id, kind, display_name, department_id, disabled, create_time, update_time,
                 reply_window_seconds, human_agent_window_seconds, business_start, business_resume, expires_with_window,
                 expires_without_agent, weight, text_max, text_max_in_bytes, attachment_kinds, attachment_permissions,
                 attachment_bytes_max, quotes, reactions, cards, typing, channel_name, widget_key, allowed_origins,
                 identity_enforced, identity_secret, visitor_secret, bot_id, bot_department_id, bot_method, label_rule_words,
                 label_rule_labels, label_rule_priorities)
            values
                (\(tenantID), \(a.id), \(a.kind.rawValue), \(a.name), \(a.departmentID), \(a.disabled), \(a.created),
                 \(a.updated), \(r.replyWindow?.components.seconds), \(r.humanAgentWindow?.components.seconds),
                 \(r.businessStart.rawValue), \(r.businessResume.rawValue), \(r.expiresWithWindow), \(r.expiresWithoutAgent),
                 \(r.weight), \(r.textLimit.map { Int32($0.max) }), \(r.textLimit?.unit == .bytes),
                 \(files.map(\.key.rawValue)), \(files.map(\.value.permission.rawValue)), \(files.map(\.value.bytesMax)),
                 \(r.quotes), \(r.reactions), \(r.cards), \(r.typing), \(r.channelName), \(a.widget?.key),
                 \(a.widget?.allowedOrigins ?? []), \(a.widget?.identityEnforced ?? false), \(a.widget?.identitySecret), \(a.widget?.visitorSecret),
                 \(a.botID), \(a.botDepartmentID), \(a.botMethod?.rawValue ?? ""),
                 \(a.labelRules.map { $0.words.joined(separator: "\n") }),
                 \(a.labelRules.map { $0.labels.joined(separator: "\n") }), \(a.labelRules.map(\.priority)))
            on conflict (tenant_id, channel_account_id) do nothing
            """
        ).affected == 1
    }

    /// Locked until the transaction ends: of two changes the second sees the first.
    func lockedAccount(_ id: UUID) async throws -> ChannelAccount? {
        try await transaction.query("\(fragment: account(id)) for update").map(ChannelAccount.init(row:)).first
    }

    /// Everything of an account that its tenant may change; the row is locked.
    func update(_ account: ChannelAccount) async throws {
        let (a, r) = (account, account.rules)
        let files = r.attachments.sorted { $0.key.rawValue < $1.key.rawValue }
        try await transaction.query(
            """
            update conversations.channel_account
            set version = version + 1, display_name = \(a.name), department_id = \(a.departmentID), disabled = \(a.disabled),
                update_time = \(a.updated), reply_window_seconds = \(r.replyWindow?.components.seconds),
                human_agent_window_seconds = \(r.humanAgentWindow?.components.seconds),
                business_start = \(r.businessStart.rawValue), business_resume = \(r.businessResume.rawValue),
                expires_with_window = \(r.expiresWithWindow), expires_without_agent = \(r.expiresWithoutAgent),
                weight = \(r.weight), text_max = \(r.textLimit.map { Int32($0.max) }),
                text_max_in_bytes = \(r.textLimit?.unit == .bytes), attachment_kinds = \(files.map(\.key.rawValue)),
                attachment_permissions = \(files.map(\.value.permission.rawValue)),
                attachment_bytes_max = \(files.map(\.value.bytesMax)), quotes = \(r.quotes), reactions = \(r.reactions),
                cards = \(r.cards), typing = \(r.typing), channel_name = \(r.channelName),
                allowed_origins = \(a.widget?.allowedOrigins ?? []),
                identity_enforced = \(a.widget?.identityEnforced ?? false), bot_id = \(a.botID),
                bot_department_id = \(a.botDepartmentID), bot_method = \(a.botMethod?.rawValue ?? ""),
                label_rule_words = \(a.labelRules.map { $0.words.joined(separator: "\n") }),
                label_rule_labels = \(a.labelRules.map { $0.labels.joined(separator: "\n") }),
                label_rule_priorities = \(a.labelRules.map(\.priority))
            where tenant_id = \(tenantID) and channel_account_id = \(a.id)
            """)
    }

    /// Leads the widget's key to the account; the first tenant to have a key keeps it.
    func insertKey(_ key: String, account: UUID) async throws -> Bool {
        try await transaction.query(
            """
            insert into conversations.widget_key (widget_key, tenant_id, channel_account_id)
            values (\(key), \(tenantID), \(account))
            on conflict (widget_key) do nothing
            """
        ).affected == 1
    }

    static let accountColumns: SQL = """
        channel_account_id, version, kind, display_name, department_id, disabled, create_time, update_time,
        reply_window_seconds, human_agent_window_seconds, business_start, business_resume, expires_with_window,
        expires_without_agent, weight, text_max, text_max_in_bytes, attachment_kinds, attachment_permissions,
        attachment_bytes_max, quotes, reactions, cards, typing, channel_name, widget_key, allowed_origins, identity_enforced,
        identity_secret, visitor_secret, bot_id, bot_department_id, bot_method, label_rule_words, label_rule_labels,
        label_rule_priorities
        """
}

extension ChannelAccount {
    init(row: Row) throws {
        id = try row["channel_account_id"]
        version = try row["version"]
        kind = try row.word("kind")
        name = try row["display_name"]
        departmentID = try row["department_id"]
        disabled = try row["disabled"]
        created = try row["create_time"]
        updated = try row["update_time"]
        rules = try ChannelRules(row: row)
        botID = try row["bot_id"]
        botDepartmentID = try row["bot_department_id"]
        botMethod = try row.optionalWord("bot_method")
        let (words, labels): ([String], [String]) = (try row["label_rule_words"], try row["label_rule_labels"])
        let priorities: [Int16] = try row["label_rule_priorities"]
        labelRules = zip(words, zip(labels, priorities)).map { words, gifts in
            LabelRule(words: words.lines, labels: gifts.0.lines, priority: gifts.1)
        }
        if let key = try row["widget_key", as: String?.self], let secret = try row["visitor_secret", as: [UInt8]?.self] {
            widget = Widget(
                key: key, allowedOrigins: try row["allowed_origins"], identityEnforced: try row["identity_enforced"],
                identitySecret: try row["identity_secret"], visitorSecret: secret)
        }
    }
}

extension String {
    fileprivate var lines: [String] { split(separator: "\n").map(String.init) }
}

extension ChannelRules {
    fileprivate init(row: Row) throws {
        let kinds: [String] = try row["attachment_kinds"]
        let permissions: [String] = try row["attachment_permissions"]
        let sizes: [Int32] = try row["attachment_bytes_max"]
        var files: [AttachmentKind: AttachmentRule] = [:]
        for (index, word) in kinds.enumerated() {
            guard let kind = AttachmentKind(rawValue: word),
                let permission = AttachmentPermission(rawValue: permissions[index])
            else { throw UnknownWord(word: word) }
            files[kind] = AttachmentRule(permission: permission, bytesMax: sizes[index])
        }
        let textMax: Int32? = try row["text_max"]
        let inBytes: Bool = try row["text_max_in_bytes"]
        let window: Int64? = try row["reply_window_seconds"]
        let humanWindow: Int64? = try row["human_agent_window_seconds"]
        self.init(
            replyWindow: window.map { .seconds($0) }, humanAgentWindow: humanWindow.map { .seconds($0) },
            businessStart: try row.word("business_start"), businessResume: try row.word("business_resume"),
            expiresWithWindow: try row["expires_with_window"], expiresWithoutAgent: try row["expires_without_agent"],
            weight: try row["weight"],
            textLimit: textMax.map { TextLimit(max: Int($0), unit: inBytes ? .bytes : .characters) }, attachments: files,
            quotes: try row["quotes"], reactions: try row["reactions"], cards: try row["cards"], typing: try row["typing"],
            channelName: try row["channel_name"])
    }
}
