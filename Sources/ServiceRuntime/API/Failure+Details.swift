import GRPC
import GoogleProtobuf
import GoogleRPC
import Protobuf

extension Failure {
    /// Each type of detail at most once (API.md 3).
    func details(domain: String) -> [GoogleProtobuf.`Any`] {
        var details = [
            GoogleProtobuf.`Any`(packing: ErrorInfo(reason: reason, domain: domain, metadata: metadata))
        ]
        if !fields.isEmpty {
            let violations = fields.map {
                BadRequest.FieldViolation(field: $0.field, description: $0.description, reason: $0.reason)
            }
            details.append(GoogleProtobuf.`Any`(packing: BadRequest(fieldViolations: violations)))
        }
        if !preconditions.isEmpty {
            let violations = preconditions.map {
                PreconditionFailure.Violation(type: $0.type, subject: $0.subject, description: $0.description)
            }
            details.append(GoogleProtobuf.`Any`(packing: PreconditionFailure(violations: violations)))
        }
        if let resource {
            details.append(
                GoogleProtobuf.`Any`(packing: ResourceInfo(resourceType: resource.type, resourceName: resource.name)))
        }
        if let retryAfter {
            details.append(GoogleProtobuf.`Any`(packing: RetryInfo(retryDelay: GoogleProtobuf.Duration(retryAfter))))
        }
        return details
    }
}

extension GoogleProtobuf.`Any` {
    /// The message under its type's URL.
    package init<M: Message>(packing message: M) {
        self.init(typeURL: "type.googleapis.com/\(M.typeName)", value: message.serialized())
    }

    /// The message, if it is one of this type.
    package func unpack<M: Message>(as type: M.Type) -> M? {
        guard typeURL.split(separator: "/").last.map(String.init) == M.typeName else { return nil }
        return try? M(serialized: value)
    }
}

extension RPCError {
    /// The detail of this type, if the error has one.
    package func detail<M: Message>(_ type: M.Type) -> M? {
        details.lazy.compactMap { $0.unpack(as: type) }.first
    }

    /// The reason of `google.rpc.ErrorInfo`.
    package var reason: String? { detail(ErrorInfo.self)?.reason }
}
