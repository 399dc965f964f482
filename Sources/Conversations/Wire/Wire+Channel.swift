import ConversationsV1
import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import WallTime

extension Wire {
    /// - Parameter showsSecret: on creation alone.
    func account(_ a: ChannelAccount, showsSecret: Bool = false) -> ConversationsV1.ChannelAccount {
        var wire = ConversationsV1.ChannelAccount()
        wire.channelAccountID = a.id.text
        wire.etag = ETag(a.version).description
        wire.kind = a.kind.wire
        wire.displayName = a.name
        wire.departmentID = a.departmentID?.text ?? ""
        wire.rules = rules(a.rules)
        wire.disabled = a.disabled
        wire.botID = a.botID?.text ?? ""
        if a.botDepartmentID != nil || a.botMethod != nil {
            wire.botDirective = BotDirective(
                departmentID: a.botDepartmentID?.text ?? "", method: a.botMethod?.wire ?? .unspecified)
        }
        wire.createTime = Timestamp(a.created)
        wire.updateTime = Timestamp(a.updated)
        wire.labelRules = a.labelRules.map {
            ConversationsV1.LabelRule(words: $0.words, labels: $0.labels, priority: Int32($0.priority))
        }
        if let widget = a.widget {
            wire.widget = WidgetSettings(
                widgetKey: widget.key, allowedOrigins: widget.allowedOrigins, identityEnforced: widget.identityEnforced,
                identitySecret: showsSecret ? widget.identitySecret ?? "" : "")
        }
        return wire
    }

    func rules(_ r: ChannelRules) -> ConversationsV1.ChannelRules {
        var wire = ConversationsV1.ChannelRules()
        wire.replyWindow = r.replyWindow.map { GoogleProtobuf.Duration($0) }
        wire.humanAgentWindow = r.humanAgentWindow.map { GoogleProtobuf.Duration($0) }
        wire.businessStart = r.businessStart.wire
        wire.businessResume = r.businessResume.wire
        wire.expiresWithWindow = r.expiresWithWindow
        wire.expiresWithoutAgent = r.expiresWithoutAgent
        wire.weight = r.weight
        wire.textMax = r.textLimit.map { Int32($0.max) } ?? 0
        wire.textMaxInBytes = r.textLimit?.unit == .bytes
        wire.attachments = attachmentRules(r)
        wire.quotes = r.quotes
        wire.reactions = r.reactions
        wire.cards = r.cards
        wire.typing = r.typing
        wire.channelName = r.channelName
        return wire
    }

    func attachmentRules(_ r: ChannelRules) -> [ConversationsV1.AttachmentRule] {
        AttachmentKind.allCases.compactMap { kind in
            r.attachments[kind].map { rule in
                ConversationsV1.AttachmentRule(kind: kind.wire, permission: rule.permission.wire, bytesMax: rule.bytesMax)
            }
        }
    }
}

// MARK: - From the wire

extension ChannelRules {
    /// Rules as a tenant gives them; what is wrong with them is noted.
    init(_ wire: ConversationsV1.ChannelRules, standard: ChannelRules, _ violations: inout Violations) {
        self = standard
        let path = "channel_account.rules"
        if let window = wire.replyWindow { replyWindow = Swift.Duration(window) }
        if let window = wire.humanAgentWindow { humanAgentWindow = Swift.Duration(window) }
        for (name, window) in [("reply_window", replyWindow), ("human_agent_window", humanAgentWindow)] {
            violations.require(
                window.map(Self.windowRange.contains) ?? true, "\(path).\(name)", "is 1 minute to 365 days, or not there")
        }
        if wire.businessStart != .unspecified {
            if let word = BusinessInitiative(wire.businessStart) {
                businessStart = word
            } else {
                violations.add("\(path).business_start", "is unknown")
            }
        }
        if wire.businessResume != .unspecified {
            if let word = BusinessInitiative(wire.businessResume) {
                businessResume = word
            } else {
                violations.add("\(path).business_resume", "is unknown")
            }
        }
        expiresWithWindow = wire.expiresWithWindow
        expiresWithoutAgent = wire.expiresWithoutAgent
        weight = wire.weight
        violations.require((0...100).contains(wire.weight), "\(path).weight", "is 0 to 100")
        violations.require(wire.textMax >= 0, "\(path).text_max", "is negative")
        textLimit = wire.textMax > 0 ? TextLimit(max: Int(wire.textMax), unit: wire.textMaxInBytes ? .bytes : .characters) : nil
        attachments = [:]
        for (index, rule) in wire.attachments.enumerated() {
            guard let kind = AttachmentKind(rule.kind), let permission = AttachmentPermission(rule.permission) else {
                violations.add("\(path).attachments[\(index)]", "has an unknown kind or permission")
                continue
            }
            violations.require(
                (1...100 * Self.megabyte).contains(rule.bytesMax), "\(path).attachments[\(index)].bytes_max", "is 1 to 104857600")
            attachments[kind] = AttachmentRule(permission: permission, bytesMax: rule.bytesMax)
        }
        (quotes, reactions, cards, typing) = (wire.quotes, wire.reactions, wire.cards, wire.typing)
        channelName = violations.text(wire.channelName, "\(path).channel_name", 0...Self.nameMax)
    }
}

extension BusinessInitiative {
    fileprivate init?(_ wire: ConversationsV1.BusinessInitiative) {
        switch wire {
        case .rejected: self = .rejected
        case .template: self = .template
        case .liveSession: self = .liveSession
        case .allowed: self = .allowed
        case .unspecified, .unrecognized: return nil
        }
    }

    fileprivate var wire: ConversationsV1.BusinessInitiative {
        switch self {
        case .rejected: .rejected
        case .template: .template
        case .liveSession: .liveSession
        case .allowed: .allowed
        }
    }
}

extension AttachmentPermission {
    fileprivate init?(_ wire: ConversationsV1.AttachmentPermission) {
        switch wire {
        case .rejected: self = .rejected
        case .allowed: self = .allowed
        case .asFile: self = .asFile
        case .unspecified, .unrecognized: return nil
        }
    }

    fileprivate var wire: ConversationsV1.AttachmentPermission {
        switch self {
        case .rejected: .rejected
        case .allowed: .allowed
        case .asFile: .asFile
        }
    }
}

extension RouteMethod {
    var wire: ConversationsV1.RouteMethod {
        switch self {
        case .manual: .manual
        case .owner: .owner
        case .leastBusy: .leastBusy
        case .random: .random
        }
    }
}

extension Violations {
    /// `nil` for one that is not chosen.
    mutating func routeMethod(_ wire: ConversationsV1.RouteMethod, _ field: String) -> RouteMethod? {
        let method = RouteMethod.allCases.first { $0.wire == wire }
        require(method != nil || wire == .unspecified, field, "is none of the known values", reason: "UNKNOWN")
        return method
    }
}
