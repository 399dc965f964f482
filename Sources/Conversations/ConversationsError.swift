import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

/// Every refusal of this service. The contract documents each (error_reason.proto).
enum ConversationsError: Error, Sendable {
    struct Assignee: Sendable {
        var id: UUID?
        var name: String
    }

    case conversationNotFound
    case messageNotFound
    case attachmentNotFound
    case channelAccountNotFound
    case agentNotFound
    case departmentNotFound
    case contactNotFound
    case outOfScope
    case notYours(Assignee)
    case supervisorOnly
    case alreadyTaken(Assignee)
    case offeredToAnother(Assignee)
    case transitionNotAllowed(ConversationState?, TransitionEvent)
    case conversationClosed
    case notAccepted
    case answeredMeanwhile(lastSeq: Int32)
    case replyWindowClosed(Instant?)
    case awaitingReply
    case templateRequired
    case startNotAllowed
    case resumeNotAllowed
    case visitorNotLive
    case channelDisabled
    case messageKindNotAllowed(MessageKind)
    case quoteNotAllowed
    case attachmentTypeNotAllowed(AttachmentKind)
    case attachmentTooLarge(bytesMax: Int32)
    case attachmentHashMismatch
    case textTooLong(max: Int)
    case conversationExists(UUID, ConversationState, department: (UUID?, String), assignee: Assignee)
    case agentAtCapacity(UUID, load: Int32, loadMax: Int32)
    case pendingLimit(Int)
    case transferToSelf
    case missingOnClose([String])
    case widgetKeyUnknown
    case identityNotVerified
    case visitorTokenInvalid
    case surveyTokenInvalid
    case surveyOver
    case originNotAllowed
    case cursorOutOfRange
    case dependencyUnavailable(String)
    case templateNotFound(field: String)
    case templateNotApproved(String, status: String, field: String)
    case templateAccountMismatch(String, ofAccount: String, field: String)
    case templateLanguageUnavailable(languages: String, field: String)
    case templateParamMismatch([Failure.FieldViolation])
    case tenantSuspended
    case agentDeactivated
    case agentOffline(UUID)
    case nobodyAvailable(UUID)
    case transferNotAllowed
    case outcomeUnknown([String])
    case labelUnknown(String)
    case consentMissing(purpose: String, state: String)
}

extension ConversationsError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code and reason.
    var failure: Failure {
        switch self {
        case .conversationNotFound: .missing("CONVERSATION", "conversation")
        case .messageNotFound: .missing("MESSAGE", "message")
        case .attachmentNotFound: .missing("ATTACHMENT", "attachment")
        case .channelAccountNotFound: .missing("CHANNEL_ACCOUNT", "channel account")
        case .agentNotFound: .missing("AGENT", "agent")
        case .departmentNotFound: .missing("DEPARTMENT", "department")
        case .contactNotFound: .missing("CONTACT", "contact")
        case .outOfScope:
            Failure(.permissionDenied, reason: "OUT_OF_SCOPE", "the conversation lies outside the caller's departments")
        case .notYours(let assignee):
            Failure(
                .permissionDenied, reason: "NOT_YOURS", "the conversation is \(assignee.name)'s", metadata: assignee.metadata)
        case .supervisorOnly:
            Failure(.permissionDenied, reason: "SUPERVISOR_ONLY", "only operators and admins may do this")
        case .alreadyTaken(let assignee):
            .state("ALREADY_TAKEN", "\(assignee.name) was first", assignee.metadata)
        case .offeredToAnother(let assignee):
            .state("OFFERED_TO_ANOTHER", "it is offered to \(assignee.name)", assignee.metadata)
        case .transitionNotAllowed(let state, let event):
            .state(
                "TRANSITION_NOT_ALLOWED", "\(state.map(\.description) ?? "none") does not allow \(event.rawValue)",
                ["state": state.map(\.description) ?? "", "event": event.rawValue])
        case .conversationClosed: .state("CONVERSATION_CLOSED", "the conversation is closed")
        case .notAccepted: .state("NOT_ACCEPTED", "accept the conversation before answering it")
        case .answeredMeanwhile(let lastSeq):
            .state("ANSWERED_MEANWHILE", "a colleague answered meanwhile", ["last_seq": "\(lastSeq)"])
        case .replyWindowClosed(let expired):
            .state(
                "REPLY_WINDOW_CLOSED", "the channel's reply window is closed",
                expired.map { ["reply_window_expire_time": $0.description] } ?? [:])
        case .awaitingReply: .state("AWAITING_REPLY", "a template was sent: free text waits for the customer")
        case .templateRequired: .state("TEMPLATE_REQUIRED", "this channel begins and resumes only with a template")
        case .startNotAllowed: .state("START_NOT_ALLOWED", "the business cannot begin on this channel")
        case .resumeNotAllowed: .state("RESUME_NOT_ALLOWED", "the business cannot resume on this channel")
        case .visitorNotLive: .state("VISITOR_NOT_LIVE", "the visitor has no live session")
        case .channelDisabled: .state("CHANNEL_DISABLED", "the channel account is disabled")
        case .messageKindNotAllowed(let kind):
            .state("MESSAGE_KIND_NOT_ALLOWED", "the channel carries no \(kind.rawValue)", ["kind": kind.rawValue])
        case .quoteNotAllowed: .state("MESSAGE_KIND_NOT_ALLOWED", "the channel carries no quotes", ["kind": "quote"])
        case .attachmentTypeNotAllowed(let kind):
            .argument(
                "ATTACHMENT_TYPE_NOT_ALLOWED", "attachment", "the channel carries no \(kind.rawValue)", ["kind": kind.rawValue])
        case .attachmentTooLarge(let bytesMax):
            .argument(
                "ATTACHMENT_TOO_LARGE", "attachment", "the file is larger than \(bytesMax) bytes", ["bytes_max": "\(bytesMax)"])
        case .attachmentHashMismatch: .argument("ATTACHMENT_HASH_MISMATCH", "sha256", "the bytes do not have the hash announced")
        case .textTooLong(let max): .argument("TEXT_TOO_LONG", "text", "the text is longer than \(max)", ["text_max": "\(max)"])
        case .conversationExists(let id, let state, let department, let assignee):
            Failure(
                .alreadyExists, reason: "CONVERSATION_EXISTS", "a non-closed conversation with this contact is there",
                metadata: assignee.metadata.merging([
                    "conversation_id": id.text, "state": state.description, "department_id": department.0?.text ?? "",
                    "department_name": department.1, "way_on": Self.wayOn(state),
                ]) { _, new in new }, resource: .init("conversation", id.text))
        case .agentAtCapacity(let agent, let load, let loadMax):
            Failure(
                .resourceExhausted, reason: "AGENT_AT_CAPACITY", "the agent carries \(load) of \(loadMax)",
                metadata: ["agent_id": agent.text, "load": "\(load)", "load_max": "\(loadMax)"])
        case .pendingLimit(let limit):
            Failure(
                .resourceExhausted, reason: "PENDING_LIMIT", "\(limit) conversations are pending already",
                metadata: ["pending_limit": "\(limit)"])
        case .transferToSelf: .argument("TRANSFER_TO_SELF", "agent_id", "he serves it already")
        case .missingOnClose(let fields):
            .state(
                "MISSING_ON_CLOSE", "fill before closing: \(fields.joined(separator: ", "))",
                ["fields": fields.joined(separator: ",")])
        case .widgetKeyUnknown: .unauthenticated("no such widget key", reason: "WIDGET_KEY_UNKNOWN")
        case .identityNotVerified: .unauthenticated("the user's hash is wrong or missing", reason: "IDENTITY_NOT_VERIFIED")
        case .surveyTokenInvalid:
            Failure(
                .invalidArgument, reason: "SURVEY_TOKEN_INVALID", "the token is none that a survey's link has",
                fields: [.init("token", "is not as the link has it", reason: "MALFORMED")])
        case .surveyOver:
            Failure(
                .failedPrecondition, reason: "SURVEY_OVER", "the survey was answered, or its time is over",
                preconditions: [.init(type: "SURVEY", subject: "survey", description: "is over")])
        case .visitorTokenInvalid: .unauthenticated("the visitor token is not ours", reason: "VISITOR_TOKEN_INVALID")
        case .originNotAllowed:
            Failure(.permissionDenied, reason: "ORIGIN_NOT_ALLOWED", "the page's origin is not on the account's list")
        case .cursorOutOfRange:
            Failure(.outOfRange, reason: "CURSOR_OUT_OF_RANGE", "the cursor is older than what is kept: start over")
        case .dependencyUnavailable(let service):
            Failure(
                .unavailable, reason: "DEPENDENCY_UNAVAILABLE", "\(service) did not answer", metadata: ["service": service],
                retryAfter: .seconds(1))
        case .templateNotFound(let field):
            Failure.missing("TEMPLATE", "template").told(of: "\(field).template_id")
        case .templateNotApproved(let id, let status, let field):
            Failure.state(
                "TEMPLATE_NOT_APPROVED", "the template is \(status)", ["template_id": id, "status": status]
            ).told(of: "\(field).template_id")
        case .templateAccountMismatch(let id, let account, let field):
            Failure.state(
                "TEMPLATE_ACCOUNT_MISMATCH", "the template is another channel account's",
                ["template_id": id, "channel_account_id": account]
            ).told(of: "\(field).template_id")
        case .templateLanguageUnavailable(let languages, let field):
            Failure.state(
                "TEMPLATE_LANGUAGE_UNAVAILABLE", "the template is not there in this language", ["languages": languages]
            ).told(of: "\(field).language")
        case .templateParamMismatch(let fields):
            Failure(
                .invalidArgument, reason: "TEMPLATE_PARAM_MISMATCH", "the values do not fit the template",
                metadata: ["fields": fields.map(\.field).joined(separator: ", ")], fields: fields)
        case .tenantSuspended:
            .tenantSuspended
        case .agentDeactivated: Failure(.permissionDenied, reason: "AGENT_DEACTIVATED", "the agent works here no more")
        case .agentOffline(let agent): .state("AGENT_OFFLINE", "the agent is not connected", ["agent_id": agent.text])
        case .nobodyAvailable(let department):
            .state("NO_AGENT_AVAILABLE", "nobody is available in the department", ["department_id": department.text])
        case .outcomeUnknown(let known):
            .argument(
                "OUTCOME_UNKNOWN", "outcome", "is one of \(known.joined(separator: ", "))",
                ["outcomes": known.joined(separator: ",")])
        case .labelUnknown(let label):
            .argument(
                "LABEL_UNKNOWN", "labels", "\(label) is not on the tenant's list: an admin may add it", ["label": label])
        case .consentMissing(let purpose, let state):
            .state(
                "CONSENT_MISSING",
                "the contact's consent for \(purpose) is \(state): record a new one, or choose another template",
                ["purpose": purpose, "consent_state": state])
        case .transferNotAllowed: .state("TRANSFER_NOT_ALLOWED", "the department hands its conversations to others only")
        }
    }

    /// What an agent can do instead of a second business start (C18).
    private static func wayOn(_ state: ConversationState) -> String {
        switch state {
        case .automated, .queued, .offered: "accept"
        case .open: "ask for transfer"
        case .pending: "resume"
        case .expired: "resume by template, or close"
        case .closed: ""
        }
    }
}

extension ConversationsError.Assignee {
    fileprivate var metadata: [String: String] { ["assignee_id": id?.text ?? "", "assignee_name": name] }
}

extension Failure {
    fileprivate static func missing(_ reason: String, _ what: String) -> Failure {
        Failure(.notFound, reason: "\(reason)_NOT_FOUND", "no such \(what)", resource: .init(what, ""))
    }

    fileprivate static func state(_ reason: String, _ message: String, _ metadata: [String: String] = [:]) -> Failure {
        Failure(
            .failedPrecondition, reason: reason, message, metadata: metadata,
            preconditions: [.init(type: reason, subject: "conversation", description: message)])
    }

    /// The same, with the field of the request that it is about.
    fileprivate func told(of field: String) -> Failure {
        var failure = self
        failure.fields = [FieldViolation(field, message, reason: reason)]
        return failure
    }

    fileprivate static func argument(
        _ reason: String, _ field: String, _ message: String, _ metadata: [String: String] = [:]
    ) -> Failure {
        Failure(
            .invalidArgument, reason: reason, message, metadata: metadata,
            fields: [Failure.FieldViolation(field, message, reason: reason)])
    }
}

// MARK: - From the rules

extension ConversationsError {
    /// The table's refusal, told with the names the caller needs.
    init(
        _ refusal: TransitionRefusal, _ event: TransitionEvent, on conversation: Conversation, assigneeName: String,
        rules: ChannelRules
    ) {
        let assignee = Assignee(id: conversation.assigneeID, name: assigneeName)
        self =
            switch refusal {
            case .closed: .conversationClosed
            case .notAllowed, .notPermitted: .transitionNotAllowed(conversation.state, event)
            case .notAccepted: .notAccepted
            case .awaitingReply: .awaitingReply
            case .expired: .replyWindowClosed(conversation.window.expireTime(length: rules.window(bot: false)))
            case .alreadyTaken: .alreadyTaken(assignee)
            case .offeredToAnother: .offeredToAnother(assignee)
            case .notYours: .notYours(assignee)
            case .outOfScope: .outOfScope
            }
    }

    init(_ refusal: SendRefusal, window: ReplyWindow, rules: ChannelRules) {
        self =
            switch refusal {
            case .channelDisabled: .channelDisabled
            case .conversationClosed: .conversationClosed
            case .windowClosed: .replyWindowClosed(window.expireTime(length: rules.window(bot: false)))
            case .awaitingReply: .awaitingReply
            case .templateNotAllowed: .messageKindNotAllowed(.template)
            case .kindNotAllowed(let kind): .messageKindNotAllowed(kind)
            case .quoteNotAllowed: .quoteNotAllowed
            case .attachmentNotAllowed(let kind): .attachmentTypeNotAllowed(kind)
            case .attachmentTooLarge(_, let bytesMax): .attachmentTooLarge(bytesMax: bytesMax)
            case .textTooLong(let max): .textTooLong(max: max)
            }
    }
}
