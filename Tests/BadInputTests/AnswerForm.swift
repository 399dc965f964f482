import GRPC
import GoogleRPC
import ServiceRuntime
import Testing

/// What holds for every error that a method answers, whatever was wrong.
struct AnswerForm: Sendable {
    let method: MethodDescriptor
    /// Of google.rpc.ErrorInfo.
    let domain: String
    /// Codes and reasons that the contract names.
    let documented: Set<String>

    /// INTERNAL is for bytes that are no message at all, which is gRPC's own answer.
    ///
    /// - Parameter garbage: such bytes were sent, into a stream, whose answer says no more.
    func judge(_ error: RPCError?, garbage: Bool = false) {
        guard let error else { return }
        if error.code == .internal, !garbage {
            #expect(error.message.contains("could not be decoded"), "\(method.path): \(told(error))")
        }
        #expect(![.unknown, .dataLoss, .unavailable, .deadlineExceeded].contains(error.code), "\(method.path): \(told(error))")
        let info = error.detail(ErrorInfo.self)
        #expect(info?.domain == domain, "\(method.path) without ErrorInfo: \(told(error))")
        let reason = info?.reason ?? ""
        #expect(reason.wholeMatch(of: /[A-Z][A-Z0-9_]+[A-Z0-9]/) != nil && reason.count <= 63, "\(method.path): reason \(reason)")
        #expect(documented.contains(reason), "\(method.path) answers \(reason), which its contract does not name")
        if error.code == .invalidArgument {
            #expect(!error.violations.isEmpty, "\(method.path): \(told(error))")
        }
        if error.code == .notFound {
            #expect(error.detail(ResourceInfo.self) != nil, "\(method.path): \(told(error))")
        }
        if error.code == .failedPrecondition {
            #expect(error.detail(PreconditionFailure.self) != nil, "\(method.path): \(told(error))")
        }
    }

    func summary(_ error: RPCError?) -> String {
        guard let error else { return "OK" }
        let fields = error.violations
        return "\(error.code)/\(error.reason ?? "-")" + (fields.isEmpty ? "" : "(\(fields.joined(separator: ",")))")
    }

    func told(_ error: RPCError?) -> String { error.map { "\($0) \($0.reason ?? "-") \($0.violations)" } ?? "OK" }
}

extension RPCError {
    /// The fields that google.rpc.BadRequest names.
    var violations: [String] { detail(BadRequest.self)?.fieldViolations.map(\.field) ?? [] }
}
