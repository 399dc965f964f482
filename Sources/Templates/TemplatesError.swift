import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import WallTime

/// Every refusal of this service. What the surroundings do wrong (the database, the network) is none of them.
enum TemplatesError: Error, Sendable, Hashable {
    case templateNotFound(String)
    case templateInvalid([TemplateProblem])
    case nameTaken(by: TemplateID)
    case nameBlocked(until: Instant)
    case namesMax
    case stateForbids(TemplateStatus, TemplateID)
    case locked(TemplateID)
    case editsMax(nextIn: Duration)
    case submissionsMax(nextIn: Duration)
    case notApproved(TemplateStatus, TemplateID)
    case accountMismatch(TemplateID, ofAccount: UUID)
    case languageUnavailable(name: String, languages: [String])
    case paramMismatch([TemplateProblem])
    case etagMismatch
    case cursorOutOfRange
    case cursorMalformed
    case snippetNotFound(SnippetID)
    case outOfScope(SnippetID)
    case shortcutTaken(by: SnippetID)
    case snippetsMax
    case variableMissing([String])
}

extension TemplatesError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code.
    var failure: Failure {
        switch self {
        case .templateNotFound(let name): .notFound("template", name)
        case .templateInvalid(let problems):
            .problems(problems, "TEMPLATE_INVALID", "the provider would refuse the template")
        case .nameTaken(let holder):
            Failure(
                .alreadyExists, reason: "TEMPLATE_NAME_TAKEN", "the account has a template of this name and language",
                metadata: ["template_id": holder.description], resource: .init("template", holder.description))
        case .nameBlocked(let until):
            .state(
                "TEMPLATE_NAME_BLOCKED", "the name of a deleted template cannot be used yet", ["until": until.description],
                type: "TEMPLATE_NAME", subject: "name")
        case .namesMax:
            Failure(
                .resourceExhausted, reason: "TEMPLATE_NAMES_MAX", "an account holds at most \(EditLimits.namesMax) names",
                metadata: ["max": "\(EditLimits.namesMax)"])
        case .stateForbids(let status, let id):
            .state(
                "TEMPLATE_STATE_FORBIDS", "the template is \(status.rawValue)", ["status": status.rawValue],
                type: "TEMPLATE_STATUS", subject: id.description)
        case .locked(let id):
            .state(
                "TEMPLATE_LOCKED", "the provider lets nobody edit the template", [:], type: "TEMPLATE_LOCK",
                subject: id.description)
        case .editsMax(let wait):
            Failure(
                .resourceExhausted, reason: "TEMPLATE_EDITS_MAX",
                "an approved template is edited once in 24 hours and 10 times in 30 days", retryAfter: wait)
        case .submissionsMax(let wait):
            Failure(
                .resourceExhausted, reason: "TEMPLATE_SUBMISSIONS_MAX",
                "an account submits at most \(EditLimits.submissionsPerHour) templates in an hour", retryAfter: wait)
        case .notApproved(let status, let id):
            .state(
                "TEMPLATE_NOT_APPROVED", "the template is \(status.rawValue)", ["status": status.rawValue],
                type: "TEMPLATE_STATUS",
                subject: id.description)
        case .accountMismatch(let id, let account):
            .state(
                "TEMPLATE_ACCOUNT_MISMATCH", "the template is another channel account's",
                ["template_id": id.description, "channel_account_id": account.text], type: "TEMPLATE_ACCOUNT",
                subject: id.description)
        case .languageUnavailable(let name, let languages):
            .state(
                "TEMPLATE_LANGUAGE_UNAVAILABLE", "the template is in none of the languages asked for",
                ["languages": languages.joined(separator: ", ")], type: "TEMPLATE_LANGUAGE", subject: name)
        case .paramMismatch(let problems):
            .problems(problems, "TEMPLATE_PARAM_MISMATCH", "the values do not fit the template")
        case .etagMismatch: .etagMismatch
        case .cursorOutOfRange:
            Failure(
                .outOfRange, reason: "CURSOR_OUT_OF_RANGE",
                "the cursor is older than what is kept, or from before a restore: read anew and start without one")
        case .cursorMalformed: .invalid("after_cursor", "is no cursor of this service")
        case .snippetNotFound(let id): .notFound("snippet", id.description)
        case .outOfScope(let id):
            Failure(
                .permissionDenied, reason: "OUT_OF_SCOPE", "the snippet is of departments that are not the caller's",
                metadata: ["snippet_id": id.description])
        case .shortcutTaken(let holder):
            Failure(
                .alreadyExists, reason: "SNIPPET_SHORTCUT_TAKEN", "another snippet has this shortcut",
                metadata: ["snippet_id": holder.description], resource: .init("snippet", holder.description))
        case .snippetsMax:
            Failure(
                .resourceExhausted, reason: "SNIPPETS_MAX", "a tenant has at most \(SnippetContent.perTenantMax) snippets",
                metadata: ["max": "\(SnippetContent.perTenantMax)"])
        case .variableMissing(let names):
            Failure(
                .invalidArgument, reason: "SNIPPET_VARIABLE_MISSING", "no value for \(names.joined(separator: ", "))",
                metadata: ["variables": names.joined(separator: ", ")],
                fields: names.map { .init("variables[\($0)]", "has no value", reason: "VALUE_MISSING") })
        }
    }
}

extension Failure {
    /// All that is wrong with a template or its values, each naming component and variable.
    fileprivate static func problems(_ problems: [TemplateProblem], _ reason: String, _ message: String) -> Failure {
        Failure(
            .invalidArgument, reason: reason, message, metadata: ["fields": problems.map(\.field).joined(separator: ", ")],
            fields: problems.map { .init($0.field, $0.words, reason: $0.reason.rawValue) })
    }

    /// The caller must change something about the state first.
    fileprivate static func state(
        _ reason: String, _ message: String, _ metadata: [String: String], type: String, subject: String
    ) -> Failure {
        Failure(
            .failedPrecondition, reason: reason, message, metadata: metadata,
            preconditions: [.init(type: type, subject: subject, description: message)])
    }
}

extension TemplateProblem {
    /// What is wrong, the variable named.
    fileprivate var words: String {
        variable.isEmpty || description.contains(variable) ? description : "variable \(variable): \(description)"
    }
}
