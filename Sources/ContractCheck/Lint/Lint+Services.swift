extension Lint {
    /// The rules on services and RPCs.
    static func serviceFindings(_ file: Schema.File) -> [Finding] {
        var findings: [Finding] = []
        for service in file.services {
            let (name, place) = (service.label.name, service.label.place)
            if !NameCase.isPascal(name) {
                findings.append(Finding("SERVICE_PASCAL_CASE", at: place, "\(name) is not PascalCase"))
            }
            if !name.hasSuffix("Service") {
                findings.append(Finding("SERVICE_SUFFIX", at: place, "\(name) does not end in Service"))
            }
            findings += service.methods.flatMap { methodFindings($0, of: name) }
        }
        return findings
    }

    private static func methodFindings(_ method: Schema.Method, of service: String) -> [Finding] {
        var findings: [Finding] = []
        let (name, place) = (method.label.name, method.label.place)
        if !NameCase.isPascal(name) {
            findings.append(Finding("RPC_PASCAL_CASE", at: place, "\(name) is not PascalCase"))
        }
        if !isStandard(method.request, for: name, of: service, suffix: "Request") {
            let what = "\(name) takes \(method.request), not \(name)Request"
            findings.append(Finding("RPC_REQUEST_STANDARD_NAME", at: place, what))
        }
        if !isStandard(method.response, for: name, of: service, suffix: "Response") {
            let what = "\(name) answers \(method.response), not \(name)Response"
            findings.append(Finding("RPC_RESPONSE_STANDARD_NAME", at: place, what))
        }
        return findings
    }

    private static func isStandard(_ type: String, for method: String, of service: String, suffix: String) -> Bool {
        let name = type.split(separator: ".").last.map(String.init) ?? ""
        return name == method + suffix || name == service + method + suffix
    }

    /// No message is the request or the response of two RPCs, or both of one.
    static func uniqueMessageFindings(_ files: [Schema.File]) -> [Finding] {
        let methods = files.flatMap(\.services).flatMap(\.methods)
        let uses = Dictionary(methods.flatMap { [($0.request, 1), ($0.response, 1)] }, uniquingKeysWith: +)
        return methods.flatMap { method in
            Set([method.request, method.response]).filter { uses[$0, default: 0] > 1 }.sorted().map {
                Finding(
                    "RPC_REQUEST_RESPONSE_UNIQUE", at: method.label.place, "\($0) belongs to several RPCs, or to both ends of one"
                )
            }
        }
    }
}
