/// buf's WIRE_JSON rules between a baseline and today's contracts, and what our own callers depend on beyond them: names of
/// packages, services, RPCs and HTTP routes.
package enum Compatibility {
    /// What of the baseline no longer holds today, in the order of the baseline. `isOurs` tells our files from those of others.
    package static func findings(baseline: Schema, current: Schema, isOurs: (String) -> Bool) -> [Finding] {
        let (old, new) = (Index(baseline, isOurs: isOurs), Index(current, isOurs: isOurs))
        var findings: [Finding] = []
        for (name, before) in old.messages.sorted(by: { $0.key < $1.key }) {
            guard let after = new.messages[name] else {
                findings.append(Finding("PACKAGE_MESSAGE_NO_DELETE", at: before.label.place, "message \(name) is gone"))
                continue
            }
            findings += fieldFindings(before, after, name: name)
        }
        for (name, before) in old.enums.sorted(by: { $0.key < $1.key }) {
            guard let after = new.enums[name] else {
                findings.append(Finding("PACKAGE_ENUM_NO_DELETE", at: before.label.place, "enum \(name) is gone"))
                continue
            }
            findings += valueFindings(before, after, name: name)
        }
        for (name, before) in old.services.sorted(by: { $0.key < $1.key }) {
            guard let after = new.services[name] else {
                findings.append(Finding("PACKAGE_SERVICE_NO_DELETE", at: before.label.place, "service \(name) is gone"))
                continue
            }
            findings += methodFindings(before, after, name: name)
        }
        return findings
    }

    /// A schema's elements by full name.
    private struct Index {
        var messages: [String: Schema.Message] = [:]
        var enums: [String: Schema.Enum] = [:]
        var services: [String: Schema.Service] = [:]

        init(_ schema: Schema, isOurs: (String) -> Bool) {
            for file in schema.files where isOurs(file.path) {
                for (name, message) in file.allMessages { messages[name] = message }
                for (name, declaration) in file.allEnums { enums[name] = declaration }
                for service in file.services { services[file.fullName(service.label.name)] = service }
            }
        }
    }
}
