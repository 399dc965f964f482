import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime

// UpdateChannelAccount: name, department, rules, origins, whether it is disabled (C28, C48).
extension ChannelAccountsService {
    func updateChannelAccount(_ request: UpdateChannelAccountRequest, _ context: ServerContext) async throws
        -> UpdateChannelAccountResponse
    {
        try await surroundings.write(request, \.requestID, changed: "channel_account", context) { work in
            let wanted = request.channelAccount ?? ConversationsV1.ChannelAccount()
            var violations = Violations()
            let id = violations.id(wanted.channelAccountID, "channel_account.channel_account_id")
            _ = violations.optionalID(wanted.departmentID, "channel_account.department_id")
            violations.require(wanted.botID.isEmpty, "channel_account.bot_id", "cannot be set yet")
            try violations.check()
            let mask = try UpdateMask(
                ChannelAccount.eachRule(request.updateMask), writable: ChannelAccount.writable,
                outputOnly: [
                    "channel_account_id", "etag", "create_time", "update_time", "widget.widget_key", "widget.identity_secret",
                ], populated: ChannelAccount.populated(wanted))
            let version = try ETag.expectedVersion(wanted.etag)
            guard let before = try await work.store.lockedAccount(id) else { throw ConversationsError.channelAccountNotFound }
            if let version, version != before.version { throw Failure.etagMismatch }
            var account = try before.changed(as: wanted, mask, work.wire)
            if let department = account.departmentID, account.departmentID != before.departmentID {
                try work.checkDepartment(department)
            }
            account.updated = work.now
            try await work.store.update(account)
            account.version += 1
            if account.rules != before.rules { try await work.wakeWindows(of: account) }
            return UpdateChannelAccountResponse(channelAccount: work.wire.account(account))
        }
    }
}

extension ChannelAccount {
    fileprivate static let writable: Set<String> = Set(
        ["display_name", "department_id", "disabled", "widget.allowed_origins", "widget.identity_enforced"]
            + ChannelRules.takers.keys.map { "rules.\($0)" })

    /// `rules` stands for each of them.
    fileprivate static func eachRule(_ mask: FieldMask?) -> FieldMask? {
        mask.map { mask in
            FieldMask(paths: mask.paths.flatMap { $0 == "rules" ? ChannelRules.takers.keys.map { "rules.\($0)" } : [$0] })
        }
    }

    fileprivate static func populated(_ wanted: ConversationsV1.ChannelAccount) -> Set<String> {
        var paths: Set<String> = []
        if !wanted.displayName.isEmpty { paths.insert("display_name") }
        if !wanted.departmentID.isEmpty { paths.insert("department_id") }
        if wanted.disabled { paths.insert("disabled") }
        if wanted.rules != nil { paths.formUnion(ChannelRules.takers.keys.map { "rules.\($0)" }) }
        if wanted.widget?.allowedOrigins.isEmpty == false { paths.insert("widget.allowed_origins") }
        if wanted.widget?.identityEnforced == true { paths.insert("widget.identity_enforced") }
        return paths
    }

    /// The account with what the mask names; everything else stays.
    fileprivate func changed(as wanted: ConversationsV1.ChannelAccount, _ mask: UpdateMask, _ wire: Wire) throws -> ChannelAccount
    {
        var account = self
        var violations = Violations()
        if mask.contains("display_name") {
            account.name = violations.text(wanted.displayName, "channel_account.display_name", 1...100)
        }
        if mask.contains("department_id") {
            account.departmentID = UUID(id: wanted.departmentID)
        }
        if mask.contains("disabled") { account.disabled = wanted.disabled }
        let names = Set(mask.paths(below: "rules").map { String($0.prefix { $0 != "." }) })
        if !names.isEmpty {
            var merged = wire.rules(rules)
            for name in names { ChannelRules.takers[name]?(&merged, wanted.rules ?? ConversationsV1.ChannelRules()) }
            account.rules = ChannelRules(all: merged, standard: rules, &violations)
        }
        let ofWidget = ["widget.allowed_origins", "widget.identity_enforced"].filter(mask.contains)
        // All that is asked for includes what other channels have not.
        if widget == nil, let path = ofWidget.first, wanted.widget != nil {
            violations.add("channel_account.\(path)", "is for web chat alone")
        }
        let settings = wanted.widget ?? WidgetSettings()
        if mask.contains("widget.allowed_origins") {
            violations.origins(settings.allowedOrigins)
            account.widget?.allowedOrigins = settings.allowedOrigins
        }
        if mask.contains("widget.identity_enforced") { account.widget?.identityEnforced = settings.identityEnforced }
        try violations.check()
        return account
    }
}

extension ChannelRules {
    /// What takes each rule over from another row, by its name.
    fileprivate static let takers:
        [String: @Sendable (inout ConversationsV1.ChannelRules, ConversationsV1.ChannelRules) -> Void] = [
            "reply_window": { $0.replyWindow = $1.replyWindow },
            "human_agent_window": { $0.humanAgentWindow = $1.humanAgentWindow },
            "business_start": { $0.businessStart = $1.businessStart },
            "business_resume": { $0.businessResume = $1.businessResume },
            "expires_with_window": { $0.expiresWithWindow = $1.expiresWithWindow },
            "expires_without_agent": { $0.expiresWithoutAgent = $1.expiresWithoutAgent },
            "weight": { $0.weight = $1.weight },
            "text_max": { $0.textMax = $1.textMax },
            "text_max_in_bytes": { $0.textMaxInBytes = $1.textMaxInBytes },
            "attachments": { $0.attachments = $1.attachments },
            "quotes": { $0.quotes = $1.quotes },
            "reactions": { $0.reactions = $1.reactions },
            "cards": { $0.cards = $1.cards },
            "typing": { $0.typing = $1.typing },
        ]

    /// Rules as they shall be from now on: a window that is not there is none.
    fileprivate init(all wire: ConversationsV1.ChannelRules, standard: ChannelRules, _ violations: inout Violations) {
        self.init(wire, standard: standard, &violations)
        if wire.replyWindow == nil { replyWindow = nil }
        if wire.humanAgentWindow == nil { humanAgentWindow = nil }
    }
}

extension Work {
    /// What waits already goes by the new window: each conversation it may concern judges its timer anew.
    fileprivate func wakeWindows(of account: ChannelAccount) async throws {
        try await store.wakeWindows(of: account.id, at: now)
        transaction.afterCommit { [surroundings, now] in surroundings.timers.ring(for: now) }
    }
}
