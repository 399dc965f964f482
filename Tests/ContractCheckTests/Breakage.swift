import Testing
import ContractCheck

/// One way to break a contract, and the rule that must see it.
struct Breakage: Sendable, CustomTestStringConvertible {
    var rule: String
    /// Changes the file; false where it has nothing to break this way.
    var apply: @Sendable (inout Schema.File) -> Bool

    init(_ rule: String, _ apply: @escaping @Sendable (inout Schema.File) -> Bool) {
        self.rule = rule
        self.apply = apply
    }

    var testDescription: String { rule }

    static func field(_ rule: String, _ change: @escaping @Sendable (inout Schema.Field) -> Void) -> Breakage {
        message(rule) { message in
            guard !message.fields.isEmpty else { return false }
            change(&message.fields[0])
            return true
        }
    }

    /// The first message that `change` can be done to.
    static func message(_ rule: String, _ change: @escaping @Sendable (inout Schema.Message) -> Bool) -> Breakage {
        Breakage(rule) { file in
            for index in file.messages.indices where change(&file.messages[index]) { return true }
            return false
        }
    }

    static func enumeration(_ rule: String, _ change: @escaping @Sendable (inout Schema.Enum) -> Void) -> Breakage {
        Breakage(rule) { file in
            if !file.enums.isEmpty {
                change(&file.enums[0])
                return true
            }
            for index in file.messages.indices where !file.messages[index].enums.isEmpty {
                change(&file.messages[index].enums[0])
                return true
            }
            return false
        }
    }

    static func service(_ rule: String, _ change: @escaping @Sendable (inout Schema.Service) -> Void) -> Breakage {
        Breakage(rule) { file in
            guard !file.services.isEmpty else { return false }
            change(&file.services[0])
            return true
        }
    }

    static func method(_ rule: String, _ change: @escaping @Sendable (inout Schema.Method) -> Void) -> Breakage {
        service(rule) { service in change(&service.methods[0]) }
    }
}
