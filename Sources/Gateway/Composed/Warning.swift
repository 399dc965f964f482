import GRPC

/// A part of a composed answer that could not be had: said in the answer, not hidden.
struct Warning: Sendable, Hashable {
    var service: String
    var reason: String

    var json: JSONValue { ["service": .string(service), "reason": .string(reason)] }
}

/// A part of a composed answer, or why it is missing.
enum Part<Value: Sendable>: Sendable {
    case value(Value)
    case missing(Warning)

    /// Runs a call whose failure does not fail the whole.
    static func of(_ service: String, _ call: () async throws -> Value) async -> Part {
        do {
            return .value(try await call())
        } catch let error as RPCError {
            return .missing(Warning(service: service, reason: Problem(error).reason))
        } catch {
            return .missing(Warning(service: service, reason: "INTERNAL"))
        }
    }

    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    var warning: Warning? {
        if case .missing(let warning) = self { warning } else { nil }
    }
}

extension CallOptions {
    /// What is left for composing once the calls are back.
    static let compositionMargin: Duration = .milliseconds(200)
    /// How long an optional part may hold up the answer.
    static let optionalPartTimeout: Duration = .seconds(2)

    /// For a part without which there is no answer.
    var required: CallOptions {
        var options = self
        options.deadline = deadline?.advanced(by: .zero - Self.compositionMargin)
        return options
    }

    /// For a part that may be missing.
    var optional: CallOptions {
        var options = required
        let latest = ContinuousClock.now.advanced(by: Self.optionalPartTimeout)
        options.deadline = min(options.deadline ?? latest, latest)
        return options
    }
}
