import GRPC
import GoogleProtobuf
import GoogleRPC
import Protobuf

/// A refusal with all that API.md 3 asks for: a code, a reason that programs can read, and the details that go with it.
///
/// A service's error enum turns each of its cases into one of these, in one switch. The domain of `google.rpc.ErrorInfo`
/// ("contacts.switchboard") is put in where the call leaves the service.
package struct Failure: Error, Sendable, Hashable, RPCErrorConvertible {
    /// One field of the request that is wrong.
    package struct FieldViolation: Sendable, Hashable {
        /// As in `message.attachments[0].size`.
        package var field: String
        package var description: String
        /// UPPER_SNAKE_CASE, may be empty.
        package var reason: String

        package init(_ field: String, _ description: String, reason: String = "") {
            self.field = field
            self.description = description
            self.reason = reason
        }
    }

    /// One thing about the state that stands in the way.
    package struct Precondition: Sendable, Hashable {
        package var type: String
        package var subject: String
        package var description: String

        package init(type: String, subject: String, description: String) {
            self.type = type
            self.subject = subject
            self.description = description
        }
    }

    /// What was not found, or was there already.
    package struct Resource: Sendable, Hashable {
        package var type: String
        package var name: String

        package init(_ type: String, _ name: String) {
            self.type = type
            self.name = name
        }
    }

    package var code: StatusCode
    /// `[A-Z][A-Z0-9_]+[A-Z0-9]`, at most 63 characters.
    package var reason: String
    /// For developers. Every part of it that varies also stands in `metadata`.
    package var message: String
    package var metadata: [String: String]
    package var fields: [FieldViolation]
    package var preconditions: [Precondition]
    package var resource: Resource?
    package var retryAfter: Swift.Duration?

    package init(
        _ code: StatusCode, reason: String, _ message: String, metadata: [String: String] = [:],
        fields: [FieldViolation] = [], preconditions: [Precondition] = [], resource: Resource? = nil,
        retryAfter: Swift.Duration? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.fields = fields
        self.preconditions = preconditions
        self.resource = resource
        self.retryAfter = retryAfter
    }

    public var rpcError: RPCError { rpcError(domain: FailureDomain.current) }

    package func rpcError(domain: String) -> RPCError {
        RPCError(code: code, message: message.cut(to: Self.textMax), details: details(domain: domain))
    }
}

/// Whose errors a task throws: the service's name, set around every call.
package enum FailureDomain {
    @TaskLocal package static var current = "switchboard"
}

extension Failure {
    /// The request is wrong whatever the state is; all its wrong fields at once.
    package static func invalid(_ fields: [FieldViolation]) -> Failure {
        let names = fields.map(\.field).joined(separator: ", ")
        return Failure(
            .invalidArgument, reason: "INVALID_FIELD", "invalid: \(names)", metadata: ["fields": names], fields: fields)
    }

    package static func invalid(_ field: String, _ description: String, reason: String = "") -> Failure {
        invalid([FieldViolation(field, description, reason: reason)])
    }

    /// Also what another tenant's id is answered with.
    package static func notFound(_ type: String, _ name: String) -> Failure {
        Failure(
            .notFound, reason: "\(type.screaming)_NOT_FOUND", "no \(type) \(name)", metadata: [type: name],
            resource: Resource(type, name))
    }

    package static func unimplemented(_ what: String) -> Failure {
        Failure(.unimplemented, reason: "NOT_IMPLEMENTED", "\(what) is not implemented yet", metadata: ["what": what])
    }

    package static let etagMismatch = Failure(
        .aborted, reason: "ETAG_MISMATCH", "the resource has changed since it was read: read it again")
    package static let pageTokenInvalid = Failure(
        .invalidArgument, reason: "PAGE_TOKEN_INVALID", "the page token is not one of this list with these arguments",
        fields: [FieldViolation("page_token", "not a token of this list with these arguments")])
}

extension String {
    /// "channel account" and "channelAccount" become CHANNEL_ACCOUNT.
    var screaming: String {
        var out = ""
        for character in self {
            if character == " " || character == "-" || character == "." { out.append("_"); continue }
            if character.isUppercase, let last = out.last, last != "_" { out.append("_") }
            out.append(character.uppercased())
        }
        return out
    }
}
