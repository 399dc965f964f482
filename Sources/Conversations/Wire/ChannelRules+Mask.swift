import ConversationsV1
import ServiceRuntime

extension ChannelRules {
    /// Takes over what a mask names of rules: all of them, or one by one, as `rules.text_max`.
    /// - Parameters:
    ///   - parsed: what `wire` says; where it does not say how long a window is, as new accounts begin.
    mutating func take(_ wire: ConversationsV1.ChannelRules, _ parsed: ChannelRules, _ mask: UpdateMask) {
        if mask.contains("rules") {
            self = parsed
            return
        }
        for path in mask.paths(below: "rules") {
            Self.single[path]?(&self, parsed, wire)
        }
    }

    /// Whether each rule that a mask names is one.
    static func areAllKnown(in mask: UpdateMask) -> Bool { mask.paths(below: "rules").allSatisfy { single[$0] != nil } }

    private typealias Change = @Sendable (inout ChannelRules, ChannelRules, ConversationsV1.ChannelRules) -> Void

    private static let single: [String: Change] = [
        // One that is named and not said is none.
        "reply_window": { $0.replyWindow = $2.replyWindow == nil ? nil : $1.replyWindow },
        "human_agent_window": { $0.humanAgentWindow = $2.humanAgentWindow == nil ? nil : $1.humanAgentWindow },
        "business_start": { rules, parsed, _ in rules.businessStart = parsed.businessStart },
        "business_resume": { rules, parsed, _ in rules.businessResume = parsed.businessResume },
        "expires_with_window": { rules, parsed, _ in rules.expiresWithWindow = parsed.expiresWithWindow },
        "expires_without_agent": { rules, parsed, _ in rules.expiresWithoutAgent = parsed.expiresWithoutAgent },
        "weight": { rules, parsed, _ in rules.weight = parsed.weight },
        "text_max": { rules, parsed, wire in
            let isInBytes = rules.textLimit.map { $0.unit == .bytes } ?? wire.textMaxInBytes
            rules.textLimit = parsed.textLimit.map { TextLimit(max: $0.max, unit: isInBytes ? .bytes : .characters) }
        },
        "text_max_in_bytes": { rules, _, wire in rules.textLimit?.unit = wire.textMaxInBytes ? .bytes : .characters },
        "attachments": { rules, parsed, _ in rules.attachments = parsed.attachments },
        "quotes": { rules, parsed, _ in rules.quotes = parsed.quotes },
        "reactions": { rules, parsed, _ in rules.reactions = parsed.reactions },
        "cards": { rules, parsed, _ in rules.cards = parsed.cards },
        "typing": { rules, parsed, _ in rules.typing = parsed.typing },
        "channel_name": { rules, parsed, _ in rules.channelName = parsed.channelName },
    ]
}
