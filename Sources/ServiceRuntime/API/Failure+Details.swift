import GRPC
import GoogleProtobuf
import GoogleRPC
import Protobuf

extension Failure {
    /// An error travels in trailers, of which callers take 8 KiB: what a caller's own request repeats is cut.
    static let violationsMax = 25
    static let textMax = 256

    /// Each type of detail at most once (API.md 3).
    func details(domain: String) -> [GoogleProtobuf.`Any`] {
        var details = [
            GoogleProtobuf.`Any`(
                packing: ErrorInfo(reason: reason, domain: domain, metadata: metadata.mapValues { $0.cut(to: Self.textMax) }))
        ]
        if !fields.isEmpty {
            let violations = fields.prefix(Self.violationsMax).map {
                BadRequest.FieldViolation(
                    field: $0.field.cut(to: Self.textMax / 4), description: $0.description.cut(to: Self.textMax / 4),
                    reason: $0.reason)
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

    /// What its reason is told with; empty where it has none.
    package var reasonMetadata: [String: String] { detail(ErrorInfo.self)?.metadata ?? [:] }

    /// The fields that it calls wrong.
    package var wrongFields: [Failure.FieldViolation] {
        (detail(BadRequest.self)?.fieldViolations ?? []).map { .init($0.field, $0.description, reason: $0.reason) }
    }
}

extension String {
    /// At most so many bytes of UTF-8, whole characters.
    func cut(to bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        var text = self
        while text.utf8.count > bytesMax - 3 { text.removeLast(max(1, (text.utf8.count - bytesMax) / 8)) }
        return text + "..."
    }
}
