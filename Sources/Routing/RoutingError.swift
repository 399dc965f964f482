import FoundationEssentials
import GRPC
import ServiceRuntime

/// Every refusal of this service. What the surroundings do wrong (the database, the network) is none of them.
enum RoutingError: Error, Sendable, Hashable {
    case tenantSuspended
    case tenantExists
    case departmentNotFound(DepartmentID)
    case departmentExists(DepartmentID)
    case departmentArchived(DepartmentID)
    case departmentIsDefault(DepartmentID)
    /// Conversations that are not closed stand in it, or channel accounts lead to it.
    case successorRequired(DepartmentID, conversations: Int, accounts: Int)
    case dependencyUnavailable(String)
    case nameTaken(String)
    case agentNotFound(AgentID)
    case agentExists(AgentID)
    case agentDeactivated(AgentID)
    /// Only he himself and who supervises may.
    case notYours(AgentID)
    /// The token is no bot's, or of one whose id is none of ours.
    case notABot
    case openConversations(Int)
    case roleNotFound(String)
    case roleExists(String)
    case roleBuiltIn(String)
    case roleInUse(String)
    case permissionNotYours([Permission])
    case apiKeyNotFound(APIKeyID)
    case apiKeyInvalid
    case apiKeysMax
    case conversationNotFound(ConversationID)
    case cursorOutOfRange
    case cursorMalformed
    case etagMismatch
}

extension RoutingError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code.
    var failure: Failure {
        switch self {
        case .tenantSuspended:
            .tenantSuspended
        case .tenantExists: Failure(.alreadyExists, reason: "TENANT_EXISTS", "there is such a tenant already")
        case .departmentNotFound(let id): .notFound("department", id.description)
        case .departmentExists(let id):
            .exists("DEPARTMENT_EXISTS", .init("department", id.description), "there is such a department already")
        case .departmentArchived(let id):
            .precondition("DEPARTMENT_ARCHIVED", "department", id.description, "the department is archived")
        case .departmentIsDefault(let id):
            .precondition(
                "DEPARTMENT_IS_DEFAULT", "department", id.description,
                "it is the tenant's default department: choose another, or name a successor")
        case .successorRequired(let id, let conversations, let accounts):
            .precondition(
                "SUCCESSOR_REQUIRED", "department", id.description,
                "\(conversations) conversations stand in it, and \(accounts) channel accounts lead to it: name who receives them",
                metadata: ["conversations": "\(conversations)", "channel_accounts": "\(accounts)"])
        case .dependencyUnavailable(let service):
            Failure(
                .unavailable, reason: "DEPENDENCY_UNAVAILABLE", "\(service) did not answer: try again",
                metadata: ["service": service], retryAfter: .seconds(1))
        case .nameTaken(let name):
            .exists("NAME_TAKEN", .init("department", name), "another department has this name")
        case .agentNotFound(let id): .notFound("agent", id.description)
        case .agentExists(let id): .exists("AGENT_EXISTS", .init("agent", id.description), "there is such an agent already")
        case .agentDeactivated(let id):
            .precondition("AGENT_DEACTIVATED", "agent", id.description, "the agent does not work here any more")
        case .notYours(let id):
            Failure(
                .permissionDenied, reason: "NOT_YOURS", "only the agent himself and who supervises may do this",
                metadata: ["agent": id.description])
        case .notABot:
            Failure(.permissionDenied, reason: "NOT_A_BOT", "only a bot may do this, and its token's subject must be a UUID")
        case .openConversations(let count):
            .precondition(
                "OPEN_CONVERSATIONS", "agent", "self", "\(count) conversations are open with him: confirm, or close them first",
                metadata: ["conversations": "\(count)"])
        case .roleNotFound(let name): .notFound("role", name)
        case .roleExists(let name): .exists("ROLE_EXISTS", .init("role", name), "there is such a role already")
        case .roleBuiltIn(let name):
            .precondition("ROLE_BUILT_IN", "role", name, "the role belongs to Switchboard and cannot be changed")
        case .roleInUse(let name): .precondition("ROLE_IN_USE", "role", name, "agents have this role")
        case .permissionNotYours(let permissions):
            Failure(
                .permissionDenied, reason: "PERMISSION_NOT_YOURS", "nobody grants what he does not have himself",
                metadata: ["permissions": permissions.map(\.rawValue).sorted().joined(separator: ", ")])
        case .apiKeyNotFound(let id): .notFound("api key", id.description)
        case .apiKeyInvalid: .unauthenticated("the key does not open", reason: "API_KEY_INVALID")
        case .apiKeysMax:
            Failure(.resourceExhausted, reason: "KEYS_MAX", "a tenant has at most \(APIKey.perTenantMax) keys that open")
        case .conversationNotFound(let id): .notFound("conversation", id.description)
        case .cursorOutOfRange:
            Failure(
                .outOfRange, reason: "CURSOR_OUT_OF_RANGE",
                "the cursor is of an earlier epoch, or older than what is kept: start over")
        case .cursorMalformed: .invalid("after_cursor", "is no cursor of this service")
        case .etagMismatch: .etagMismatch
        }
    }
}

extension Failure {
    fileprivate static func exists(_ reason: String, _ resource: Resource, _ message: String) -> Failure {
        Failure(.alreadyExists, reason: reason, message, metadata: [resource.type: resource.name], resource: resource)
    }

    fileprivate static func precondition(
        _ reason: String, _ type: String, _ name: String, _ message: String, metadata: [String: String] = [:]
    ) -> Failure {
        Failure(
            .failedPrecondition, reason: reason, message, metadata: metadata.merging([type: name]) { $1 },
            preconditions: [.init(type: type.uppercased(), subject: name, description: message)])
    }
}
