import Testing
import WallTime

@testable import Conversations

@Suite("SPEC 8, C1, C2, C48: windows and what may be sent")
struct SendingTests {
    private let noon = Instant(milliseconds: 1_790_416_800_000)

    // MARK: - Windows

    @Test("C1: open while now < last inbound + 24 h, to the microsecond")
    func C1_boundary() {
        var window = ReplyWindow()
        _ = window.receive(providerTime: noon, receivedAt: noon)
        let expires = noon.advanced(by: .seconds(86_400))
        #expect(window.expireTime(length: ChannelRules.day) == expires)
        #expect(window.isOpen(at: expires.advanced(by: .microseconds(-1)), length: ChannelRules.day))
        #expect(!window.isOpen(at: expires, length: ChannelRules.day))
    }

    @Test("S37: until the customer has written there is no window to be open")
    func S37_noInboundNoWindow() {
        #expect(!ReplyWindow().isOpen(at: noon, length: ChannelRules.day))
        #expect(ReplyWindow().isOpen(at: noon, length: nil))
    }

    @Test("C2: a later time is clamped to receipt, and an older message never shortens the window")
    func C2_clampAndMaximum() {
        var window = ReplyWindow()
        #expect(window.receive(providerTime: noon.advanced(by: .seconds(60)), receivedAt: noon) == noon)
        #expect(window.lastInbound == noon)
        _ = window.receive(providerTime: noon.advanced(by: .seconds(-3_600)), receivedAt: noon.advanced(by: .seconds(1)))
        #expect(window.lastInbound == noon)
        _ = window.receive(providerTime: nil, receivedAt: noon.advanced(by: .seconds(5)))
        #expect(window.lastInbound == noon.advanced(by: .seconds(5)))
    }

    @Test("C2: a three-day-old retry opens no window")
    func C2_lateRetry() {
        var window = ReplyWindow()
        _ = window.receive(providerTime: noon.advanced(by: .seconds(-3 * 86_400)), receivedAt: noon)
        #expect(!window.isOpen(at: noon, length: ChannelRules.day))
    }

    @Test("SPEC 8: the seven-day extension is for people, not for bots")
    func humanAgentWindow() {
        var rules = ChannelRules.standard(for: .facebook)
        rules.humanAgentWindow = .seconds(7 * 86_400)
        let later = noon.advanced(by: .seconds(2 * 86_400))
        let rule = CanSend(rules: rules, disabled: false, state: .open, window: ReplyWindow(lastInbound: noon), now: later)
        #expect(rule.freeForm(byBot: false) == nil)
        #expect(rule.freeForm(byBot: true) == .windowClosed)
    }

    // MARK: - The table of SPEC 8

    @Test(
        "S32, S33: which file goes over which channel",
        arguments: [
            (ChannelKind.whatsapp, "image video audio pdf csv document"),
            (.facebook, "image video audio document"),
            (.instagram, "image video audio"),
            (.webchat, "image video document"),
            (.email, "image video audio pdf csv document"),
        ])
    func S33_filesByChannel(channel: ChannelKind, allowed: String) {
        let rule = situation(channel)
        let sendable = AttachmentKind.allCases.filter { rule.refusal(of: Draft.File(kind: $0, bytes: 1)) == nil }
        #expect(sendable.map(\.rawValue).joined(separator: " ") == allowed)
    }

    @Test("SPEC 8: sizes end where the row says", arguments: ChannelKind.allCases)
    func sizes(channel: ChannelKind) {
        let rule = situation(channel)
        for (kind, row) in rule.rules.attachments {
            #expect(rule.refusal(of: Draft.File(kind: kind, bytes: row.bytesMax)) == nil)
            #expect(
                rule.refusal(of: Draft.File(kind: kind, bytes: row.bytesMax + 1))
                    == .attachmentTooLarge(kind, bytesMax: row.bytesMax))
        }
        #expect(channel != .webchat || rule.rules.attachments[.image]?.bytesMax == 25 * 1_048_576)
    }

    @Test(
        "C48: free-form by channel x state x time: the whole table", arguments: ChannelKind.allCases, ConversationState.allCases)
    func C48_freeForm(channel: ChannelKind, state: ConversationState) {
        let windowed = [.whatsapp, .facebook, .instagram].contains(channel)
        for (age, inside) in [(Duration.seconds(86_399), true), (.seconds(86_400), false)] {
            let rule = situation(channel, state: state, age: age)
            let expected: SendRefusal? =
                switch state {
                case .closed: .conversationClosed
                case .expired: .windowClosed
                case .pending(.awaitingReply): .awaitingReply
                default: windowed && !inside ? .windowClosed : nil
                }
            #expect(rule.freeForm() == expected, "\(channel) \(state) inside \(inside)")
        }
    }

    @Test("S35, S39, S40: templates go over WhatsApp only, and reach beyond the window", arguments: ChannelKind.allCases)
    func S40_templates(channel: ChannelKind) {
        let rule = situation(channel, state: .expired(.window), age: .seconds(100_000))
        #expect(rule.refusal(of: Draft(kind: .template)) == (channel == .whatsapp ? nil : .templateNotAllowed))
    }

    @Test("a disabled account sends nothing, an enabled one does")
    func disabledAccount() {
        var rule = situation(.webchat)
        #expect(rule.refusal(of: Draft(kind: .text, text: "hello")) == nil)
        rule.disabled = true
        #expect(rule.refusal(of: Draft(kind: .text, text: "hello")) == .channelDisabled)
    }

    @Test("CHANNELS 5: texts end where the channel's limit does; Instagram counts bytes")
    func textLimits() {
        #expect(situation(.webchat).refusal(of: Draft(kind: .text, text: String(repeating: "é", count: 10_000))) == nil)
        #expect(
            situation(.webchat).refusal(of: Draft(kind: .text, text: String(repeating: "a", count: 10_001)))
                == .textTooLong(max: 10_000))
        #expect(situation(.instagram).refusal(of: Draft(kind: .text, text: String(repeating: "é", count: 500))) == nil)
        #expect(
            situation(.instagram).refusal(of: Draft(kind: .text, text: String(repeating: "é", count: 501)))
                == .textTooLong(max: 1_000))
    }

    @Test("S49: quotes, reactions and cards go where the row allows")
    func S49_nativeFunctions() {
        #expect(situation(.whatsapp).refusal(of: Draft(kind: .text, text: "a", quotes: true)) == nil)
        #expect(situation(.webchat).refusal(of: Draft(kind: .text, text: "a", quotes: true)) == .quoteNotAllowed)
        #expect(situation(.whatsapp).refusal(of: Draft(kind: .location)) == nil)
        #expect(situation(.facebook).refusal(of: Draft(kind: .location)) == .kindNotAllowed(.location))
        #expect(situation(.email).refusal(of: Draft(kind: .reaction, quotes: true)) == .kindNotAllowed(.reaction))
    }

    private func situation(
        _ channel: ChannelKind, state: ConversationState = .open, age: Duration = .zero
    ) -> CanSend {
        CanSend(
            rules: .standard(for: channel), disabled: false, state: state, window: ReplyWindow(lastInbound: noon),
            now: noon.advanced(by: age))
    }
}
