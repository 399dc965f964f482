extension Compatibility {
    static func valueFindings(_ before: Schema.Enum, _ after: Schema.Enum, name: String) -> [Finding] {
        let place = after.label.place
        var findings = reservedFindings(before.reserved, after.reserved, rule: "RESERVED_ENUM_NO_DELETE", at: place, of: name)
        for old in before.values {
            let sameNumber = after.values.filter { $0.number == old.number }
            if let new = sameNumber.first {
                if !sameNumber.contains(where: { $0.label.name == old.label.name }) {
                    let what = "\(name): \(old.label.name) is now called \(new.label.name)"
                    findings.append(Finding("ENUM_VALUE_SAME_NAME", at: new.label.place, what))
                }
                continue
            }
            if !after.reserved.contains(number: old.number) {
                let what = "\(name): \(old.label.name) is gone and its number \(old.number) not reserved"
                findings.append(Finding("ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", at: place, what))
            }
            if !after.reserved.names.contains(old.label.name) {
                let what = "\(name): \(old.label.name) is gone and its name not reserved"
                findings.append(Finding("ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED", at: place, what))
            }
        }
        return findings
    }

    static func methodFindings(_ before: Schema.Service, _ after: Schema.Service, name: String) -> [Finding] {
        var findings: [Finding] = []
        for old in before.methods {
            let path = "\(name)/\(old.label.name)"
            guard let new = after.methods.first(where: { $0.label.name == old.label.name }) else {
                findings.append(Finding("RPC_NO_DELETE", at: after.label.place, "\(path) is gone"))
                continue
            }
            func require(_ holds: Bool, _ rule: String, _ what: String) {
                if !holds { findings.append(Finding(rule, at: new.label.place, "\(path) \(what)")) }
            }
            require(old.request == new.request, "RPC_SAME_REQUEST_TYPE", "took \(old.request), takes \(new.request)")
            require(old.response == new.response, "RPC_SAME_RESPONSE_TYPE", "answered \(old.response), answers \(new.response)")
            require(old.clientStreams == new.clientStreams, "RPC_SAME_CLIENT_STREAMING", "changed streaming by the client")
            require(old.serverStreams == new.serverStreams, "RPC_SAME_SERVER_STREAMING", "changed streaming by the server")
            require(old.idempotency == new.idempotency, "RPC_SAME_IDEMPOTENCY_LEVEL", "changed its idempotency level")
            require(
                old.httpRule.isEmpty || old.httpRule == new.httpRule, "SWITCHBOARD_RPC_SAME_HTTP_ROUTE", "changed its HTTP route")
        }
        return findings
    }
}
