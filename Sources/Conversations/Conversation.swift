import FoundationEssentials
import WallTime

/// One conversation, as its row holds it.
struct Conversation: Sendable {
    var id: UUID
    var version: Int64 = 1
    var state: ConversationState
    var channelAccountID: UUID
    var channel: ChannelKind
    var contactID: UUID
    var address: String
    /// What uniqueness goes by (C18): the address, or on e-mail the thread.
    var addressKey: String
    var customerName = ""
    /// The customer's language when it began, BCP 47; empty: nobody knew it.
    var customerLocale = ""
    /// His time zone when it began, an IANA name; empty: nobody knew it (C59).
    var customerTimeZone = ""
    var departmentID: UUID?
    var assigneeID: UUID?
    var lastAssigneeID: UUID?
    var ticketID: UUID?
    /// As the ticket shows it; empty: not known.
    var ticketNumber = ""
    var serviceType = ""
    var labels: [String] = []
    var priority = Conversation.normalPriority
    var outcome = ""
    var subject = ""
    var arrival: Instant
    var started: Instant?
    var lastMessage: Instant?
    var created: Instant
    var updated: Instant
    /// When it came into its state.
    var stateTime: Instant
    var closed: Instant?
    var window = ReplyWindow()
    var autoClose: Instant?
    /// When a resume that nobody answered expires again.
    var resumeExpires: Instant?
    /// The template whose reply is awaited.
    var awaited: AwaitedReply?
    var remind: Instant?
    var waitingOn: WaitingOn = .nobody
    var waitingSince: Instant?
    var unread: Int32 = 0
    var attention = false
    var firstLine = ""
    var lastLine = ""
    var lastSeq: Int32 = 0
    var continuedFrom: UUID?
    var customerReadSeq: Int32 = 0
    var readSeq: Int32 = 0
    var lastHumanSeq: Int32 = 0
    var failedMessage = false
    var blocked = false
    var transferReason = ""
    var mentionedAgentIDs: [UUID] = []
    var missingOnClose: [String] = []
    var historyCount: Int32 = 0
    /// What the assignee's slot counts for it while it is offered or open.
    var slotWeight: Int32 = 0
    /// By which method a bot had it distributed (C6).
    var routeMethod: RouteMethod?
    /// Since when its customer waits for the bot's answer (C44).
    var botAwaited: Instant?
    /// A machine wrote the customer's last message: nothing replies to it by itself (C45).
    var inboundAutomatic = false
    /// `nil`: its customer was not asked (C42).
    var survey: Survey?
    var clocks = ChatClocks()
    /// What its timers were made from; `nil`: it has none yet.
    var storedBasis: TimerBasis?
    /// What it is found by, as its words were last written; `nil`: not yet.
    var storedTexts: SearchedTexts?
    /// Left out of reports (C53).
    var spam = false
    /// People's answers to a customer who waited.
    var answerCount: Int32 = 0
    /// Since when it is open with its assignee.
    var handleStart: Instant?
    /// What reports have counted of it; `nil`: nothing yet.
    var storedReport: ReportBasis?
}

/// Whose turn it is (C38).
enum WaitingOn: String, Sendable {
    case nobody = ""
    case agent, customer
}

/// Who did or wrote something.
struct Author: Hashable, Sendable {
    enum Kind: String, Sendable {
        case customer, agent, bot, system
    }

    var kind: Kind
    /// Agent, bot or contact id; empty for the system.
    var id = ""
    var name = ""

    static let system = Author(kind: .system)
}

// MARK: - What happens to it

extension Conversation {
    /// Carries out what the transition table decided.
    /// - Parameters:
    ///   - actorID: the agent who caused it, where an agent did.
    ///   - target: the agent whom it names, where it names one.
    mutating func apply(_ outcome: TransitionOutcome, actorID: UUID?, target: UUID? = nil, at now: Instant) {
        let before = state
        let former = assigneeID
        state = outcome.next
        switch outcome.assignee {
        case .keep: break
        case .clear: assigneeID = nil
        case .actor: assigneeID = actorID
        case .keepOrActor: assigneeID = assigneeID ?? actorID
        case .target: assigneeID = target
        }
        // To whom it was only offered, he has not served it (S12).
        if let former, former != assigneeID, before != .offered { lastAssigneeID = former }
        if outcome.attention { attention = true }
        if outcome.arrival == .renew { arrival = now }
        if state == .open, started == nil { started = now }
        if state != before {
            if before == .queued || before == .offered { clocks.leftQueue(after: stateTime.duration(to: now)) }
            stateTime = now
            botAwaited = nil
            if before.name == "pending" { (remind, autoClose, resumeExpires, awaited) = (nil, nil, nil, nil) }
        }
        if state.isClosed {
            closed = now
            if waitingOn == .customer { clocks.endCustomersTurn(waitingSince, at: now) }
            waitingOn = .nobody
            waitingSince = nil
            (unread, attention) = (0, false)
        }
        updated = now
    }

    /// A customer's message was appended (C19, C38).
    mutating func customerWrote(seq: Int32, takesTurn: Bool, line: String, at now: Instant) {
        wrote(seq: seq, line: line, at: now)
        guard takesTurn else { return }
        unread += 1
        (autoClose, resumeExpires, remind, awaited) = (nil, nil, nil, nil)
        if state == .automated, botAwaited == nil { botAwaited = now }
        clocks.customerWrote(at: now, waitedFor: waitingOn == .customer ? waitingSince : nil)
        if waitingOn != .agent { (waitingOn, waitingSince) = (.agent, now) }
    }

    /// A human of the business answered: what he had seen counts as read.
    mutating func humanWrote(seq: Int32, line: String, at now: Instant) {
        wrote(seq: seq, line: line, at: now)
        lastHumanSeq = seq
        attention = false
        clocks.answered(at: now, waitingSince: waitingOn == .agent ? waitingSince : nil)
        if waitingOn != .customer { (waitingOn, waitingSince) = (.customer, now) }
    }

    /// A bot answered: the customer waits for it no more, and for people as long as before (C38).
    mutating func botWrote(seq: Int32, line: String, at now: Instant) {
        wrote(seq: seq, line: line, at: now)
        botAwaited = nil
    }

    /// The system said something by itself: no answer, and nobody's turn (C38, C45).
    mutating func systemWrote(seq: Int32, line: String, at now: Instant) {
        wrote(seq: seq, line: line, at: now)
    }

    private mutating func wrote(seq: Int32, line: String, at now: Instant) {
        lastSeq = seq
        lastMessage = now
        updated = now
        if firstLine.isEmpty { firstLine = line }
        if !line.isEmpty { lastLine = line }
    }
}
