import GRPC
import Postgres
import ServiceRuntime

/// Every refusal of this service. What the surroundings do wrong (the database, the network) is none of them.
enum ContactsError: Error, Sendable, Hashable {
    case invalid([FieldViolation])
    case unknownUpdatePaths([String])
    case filterInvalid(FilterError)
    case orderByInvalid
    case contactNotFound(ContactID)
    case identityNotFound
    case contactNotActive(ContactID, mergedInto: ContactID?)
    case etagMismatch(ContactID)
    /// As `etagMismatch`, of something that is no contact.
    case versionMismatch
    case attributeExists(String)
    case attributesMax
    case attributeNotFound
    case erasureNotFound(ErasureID)
    /// The file of an import is none, from this line on.
    case importFormat(line: Int, String)
    case sameContact
    case mergeNotFound(MergeID)
    case mergeUndone(MergeID)
    /// A later merge of the survivor stands, or the survivor has been merged himself.
    case mergeNotLast(MergeID)
    case linkedObjectNotFound(LinkedObjectID)
    /// The layout of the edit shows the field for reading only.
    case fieldNotEditable(String)
    /// Another contact has the address.
    case identityTaken(by: ContactID)
    case identitiesMax
    /// Others took and gave back the same address all the while.
    case addressContended
    case cursorOutOfRange
    case cursorMalformed
}

extension ContactsError {
    static func invalid(_ field: String, _ description: String) -> ContactsError {
        .invalid([FieldViolation(field, description)])
    }
}

extension ContactsError: RPCErrorConvertible {
    var rpcError: RPCError { failure.rpcError }

    /// The one place where a refusal gets its code.
    var failure: Failure {
        switch self {
        case .invalid(let violations):
            .invalid(violations.map { Failure.FieldViolation($0.field, $0.description) })
        case .unknownUpdatePaths(let paths):
            Failure(
                .invalidArgument, reason: "UPDATE_MASK_INVALID", "no such writable path: \(paths.joined(separator: ", "))",
                metadata: ["paths": paths.joined(separator: ", ")],
                fields: paths.map { Failure.FieldViolation("update_mask", "no writable path \($0)") })
        case .filterInvalid(let error):
            Failure(
                .invalidArgument, reason: "FILTER_INVALID",
                "the filter is wrong at character \(error.position): \(error.problem)",
                metadata: ["position": "\(error.position)", "problem": error.problem],
                fields: [Failure.FieldViolation("filter", error.problem)])
        case .orderByInvalid:
            Failure(
                .invalidArgument, reason: "ORDER_BY_INVALID", "order_by names no order of this list",
                fields: [Failure.FieldViolation("order_by", "names no order of this list")])
        case .contactNotFound(let id):
            .notFound("contact", id.description)
        case .identityNotFound:
            Failure(
                .notFound, reason: "IDENTITY_NOT_FOUND", "there is no such identity", resource: .init("identity", ""))
        case .contactNotActive(let id, let survivor):
            Failure(
                .failedPrecondition, reason: "CONTACT_NOT_ACTIVE", "the contact is merged or erased",
                metadata: ["contact_id": id.description].merging(survivor.map { ["merged_into": $0.description] } ?? [:]) { $1 },
                preconditions: [.init(type: "CONTACT_STATE", subject: id.description, description: "must be active")])
        case .etagMismatch, .versionMismatch:
            .etagMismatch
        case .attributeExists(let key):
            Failure(
                .alreadyExists, reason: "ATTRIBUTE_EXISTS", "the tenant has an attribute of this key",
                resource: .init("attribute_definition", key))
        case .attributesMax:
            Failure(
                .resourceExhausted, reason: "ATTRIBUTES_MAX",
                "a tenant has at most \(AttributeDefinition.perTenantMax) attributes",
                metadata: ["max": "\(AttributeDefinition.perTenantMax)"])
        case .attributeNotFound:
            Failure(
                .notFound, reason: "ATTRIBUTE_NOT_FOUND", "there is no such attribute",
                resource: .init("attribute_definition", ""))
        case .erasureNotFound(let id):
            Failure(
                .notFound, reason: "ERASURE_NOT_FOUND", "there is no such erasure", resource: .init("erasure", id.description))
        case .importFormat(let line, let problem):
            Failure(
                .invalidArgument, reason: "IMPORT_FORMAT_INVALID", "the file cannot be read from line \(line) on: \(problem)",
                metadata: ["line": "\(line)"], fields: [.init("chunk", "line \(line) \(problem)")])
        case .sameContact:
            Failure(
                .invalidArgument, reason: "SAME_CONTACT", "a contact cannot be merged into itself",
                fields: [.init("merged_contact_id", "must be another contact")])
        case .mergeNotFound(let id):
            Failure(.notFound, reason: "MERGE_NOT_FOUND", "there is no such merge", resource: .init("merge", id.description))
        case .mergeUndone(let id):
            Failure(
                .failedPrecondition, reason: "MERGE_UNDONE", "the merge has been undone",
                metadata: ["merge_id": id.description],
                preconditions: [.init(type: "MERGE_STATE", subject: id.description, description: "must stand")])
        case .mergeNotLast(let id):
            Failure(
                .failedPrecondition, reason: "MERGE_NOT_LAST", "a later merge of the survivor is undone first",
                metadata: ["merge_id": id.description],
                preconditions: [.init(type: "MERGE_STATE", subject: id.description, description: "must be the last one")])
        case .linkedObjectNotFound(let id):
            Failure(
                .notFound, reason: "LINKED_OBJECT_NOT_FOUND", "there is no such linked object",
                resource: .init("linked_object", id.description))
        case .fieldNotEditable(let path):
            Failure(
                .failedPrecondition, reason: "FIELD_NOT_EDITABLE", "the layout shows this field for reading only",
                metadata: ["path": path],
                preconditions: [.init(type: "FIELD_LAYOUT", subject: path, description: "must be editable")])
        case .identityTaken(let holder):
            Failure(
                .alreadyExists, reason: "IDENTITY_TAKEN", "another contact has this address",
                metadata: ["contact_id": holder.description], resource: .init("contact", holder.description))
        case .identitiesMax:
            Failure(
                .resourceExhausted, reason: "IDENTITIES_MAX",
                "a contact holds at most \(ChannelIdentity.perContactMax) addresses",
                metadata: ["max": "\(ChannelIdentity.perContactMax)"])
        case .addressContended:
            Failure(
                .aborted, reason: "ADDRESS_CONTENDED", "the address changed hands while it was looked up: try again",
                retryAfter: .milliseconds(100))
        case .cursorOutOfRange:
            Failure(
                .outOfRange, reason: "CURSOR_OUT_OF_RANGE",
                "the cursor is older than what is kept, or from before a restore: read anew and start without one")
        case .cursorMalformed:
            .invalid("after_cursor", "is no cursor of this service")
        }
    }
}
