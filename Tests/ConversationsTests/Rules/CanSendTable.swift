import WallTime

@testable import Conversations

/// Guarantee 13: the answer of CanSend for every channel, state, time, sender and kind of message, as text.
struct CanSendTable {
    /// How long ago the customer wrote: inside the window, at its end, and at the end of the extension for people.
    static let ages: [(name: String, age: Duration?)] = [
        ("never wrote", nil), ("inside", .seconds(86_399)), ("24 h", .seconds(86_400)), ("7 d", .seconds(7 * 86_400)),
    ]

    private let now = Instant(milliseconds: 1_790_416_800_000)

    /// One line per channel, extension, state, time and sender: what goes, and why the rest does not.
    var lines: [String] {
        var lines: [String] = []
        for channel in ChannelKind.allCases {
            for extended in channel == .facebook || channel == .instagram ? [false, true] : [false] {
                for state in ConversationState.allCases {
                    for (time, age) in Self.ages {
                        for byBot in [false, true] {
                            let rule = rule(channel, extended, state, age)
                            let where_ =
                                "\(channel.rawValue)\(extended ? " +7d" : "") \(state) \(time) \(byBot ? "bot" : "human")"
                            lines.append("\(where_): \(answers(rule, byBot))")
                        }
                    }
                }
            }
        }
        return lines
    }

    private func rule(_ channel: ChannelKind, _ extended: Bool, _ state: ConversationState, _ age: Duration?) -> CanSend {
        var rules = ChannelRules.standard(for: channel)
        if extended { rules.humanAgentWindow = .seconds(7 * 86_400) }
        return CanSend(
            rules: rules, disabled: false, state: state,
            window: ReplyWindow(lastInbound: age.map { now.advanced(by: .zero - $0) }), now: now)
    }

    /// Kinds by answer: those that go first.
    private func answers(_ rule: CanSend, _ byBot: Bool) -> String {
        var kinds: [String: [String]] = [:]
        for (name, draft) in Self.drafts(byBot) {
            let (now, later) = (rule.refusal(of: draft), rule.atHandover.refusal(of: draft))
            let answer = Self.word(now) + (now == later ? "" : ", then \(Self.word(later))")
            kinds[answer, default: []].append(name)
        }
        return kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.joined(separator: " "))" }.joined(separator: "; ")
    }

    private static func drafts(_ byBot: Bool) -> [(String, Draft)] {
        let files = AttachmentKind.allCases.map { kind in
            (kind.rawValue, Draft(kind: .attachment, files: [.init(kind: kind, bytes: 1)], byBot: byBot))
        }
        let kinds: [MessageKind] = [.text, .template, .location, .contactCards, .reaction, .sticker, .choice]
        return kinds.map { ($0.rawValue, Draft(kind: $0, text: $0 == .text ? "a" : "", byBot: byBot)) }
            + [("quote", Draft(kind: .text, text: "a", quotes: true, byBot: byBot))] + files
    }

    private static func word(_ refusal: SendRefusal?) -> String {
        switch refusal {
        case nil: "yes"
        case .channelDisabled: "disabled"
        case .conversationClosed: "closed"
        case .windowClosed: "window"
        case .awaitingReply: "awaiting"
        case .templateNotAllowed, .kindNotAllowed, .quoteNotAllowed, .attachmentNotAllowed: "never"
        case .attachmentTooLarge: "large"
        case .textTooLong: "long"
        }
    }
}
