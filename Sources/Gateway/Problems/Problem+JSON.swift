extension Problem {
    /// The two forms of an error's body.
    enum Form: Sendable {
        case problem
        case google

        var contentType: String {
            switch self {
            case .problem: "application/problem+json"
            case .google: "application/json"
            }
        }
    }

    func json(_ form: Form, requestID: String) -> JSONValue {
        switch form {
        case .problem: problemJSON(requestID: requestID)
        case .google: googleJSON(requestID: requestID)
        }
    }

    private func problemJSON(requestID: String) -> JSONValue {
        var object = JSONObject([
            ("type", .string("https://switchboard.example/errors/\(reason)")),
            ("title", .string(title)),
            ("status", .number(String(status))),
            ("detail", .string(detail)),
            ("instance", .string("/requests/\(requestID)")),
            ("code", .string(code.description)),
            ("reason", .string(reason)),
            ("domain", .string(domain)),
            ("metadata", metadataJSON),
            ("requestId", .string(requestID)),
        ])
        if !violations.isEmpty { object["violations"] = .array(violations.map(\.json)) }
        if !preconditions.isEmpty { object["preconditions"] = .array(preconditions.map(\.json)) }
        if let resource { object["resource"] = resource.json }
        return .object(object)
    }

    private func googleJSON(requestID: String) -> JSONValue {
        var details: [JSONValue] = [
            detail("ErrorInfo", [("reason", .string(reason)), ("domain", .string(domain)), ("metadata", metadataJSON)]),
            detail("RequestInfo", [("requestId", .string(requestID))]),
        ]
        if !violations.isEmpty { details.append(detail("BadRequest", [("fieldViolations", .array(violations.map(\.json)))])) }
        if !preconditions.isEmpty {
            details.append(detail("PreconditionFailure", [("violations", .array(preconditions.map(\.json)))]))
        }
        if let resource {
            details.append(
                detail(
                    "ResourceInfo",
                    [
                        ("resourceType", .string(resource.type)), ("resourceName", .string(resource.name)),
                        ("description", .string(resource.description)),
                    ]))
        }
        if let retryAfter { details.append(detail("RetryInfo", [("retryDelay", .string("\(retryAfter.wholeSeconds)s"))])) }
        return [
            "error": [
                "code": .number(String(status)),
                "status": .string(code.description),
                "message": .string(detail),
                "details": .array(details),
            ]
        ]
    }

    private func detail(_ type: String, _ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject([("@type", .string("type.googleapis.com/google.rpc.\(type)"))] + members))
    }

    private var metadataJSON: JSONValue { .object(JSONObject(metadata.map { ($0.name, .string($0.value)) })) }
}

extension Problem.Violation {
    fileprivate var json: JSONValue {
        ["field": .string(field), "description": .string(description), "reason": .string(reason)]
    }
}

extension Problem.Precondition {
    fileprivate var json: JSONValue {
        ["type": .string(type), "subject": .string(subject), "description": .string(description)]
    }
}

extension Problem.Resource {
    fileprivate var json: JSONValue {
        ["type": .string(type), "name": .string(name), "description": .string(description)]
    }
}

extension Duration {
    /// Rounded up, at least 1: what `Retry-After` carries.
    var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, attoseconds > 0 ? seconds + 1 : seconds)
    }
}
