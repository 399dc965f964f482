/// Which slot a conversation takes (C10).
enum SlotPool: String, CaseIterable, Sendable {
    case chat, email

    init(_ channel: ChannelKind) { self = channel == .email ? .email : .chat }

    /// An e-mail weighs 1 in its own pool, whatever its weight among chats is.
    func weight(_ rules: ChannelRules) -> Int32 { self == .email ? 1 : rules.weight }
}
