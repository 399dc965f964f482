import AccessV1
import GRPC
import GoogleProtobuf

/// Who may call which method: what the contracts say in `switchboard.access.v1.access`.
package struct AccessTable: Sendable {
    package struct Rule: Sendable, Hashable {
        package var permission: Permission?
        /// Lets in as the first one does: bots by another than people.
        package var alternative: Permission?
        /// Services that may call in their own name.
        package var callers: Set<String>
        package var isOpen: Bool

        /// Nil when the caller may pass, else why not.
        package func refusal(for principal: Principal?) -> Failure? {
            if isOpen { return nil }
            guard let principal else { return .unauthenticated("the call carries no token") }
            if principal.kind == .service {
                return callers.contains(principal.subject) ? nil : .callerDenied(principal.subject)
            }
            guard let permission else { return .callerDenied(principal.kind.rawValue) }
            let isAllowed = principal.has(permission) || alternative.map(principal.has) ?? false
            return isAllowed ? nil : .permissionDenied(permission.rawValue)
        }
    }

    /// MethodOptions' extension number in access.proto.
    static let optionNumber: UInt32 = 51_001
    /// Health checking and reflection are open; they come from contracts that are not ours.
    static let openPrefixes = ["grpc.health.", "grpc.reflection."]

    package private(set) var rules: [String: Rule] = [:]

    /// - Throws: `AccessTableError` naming every method that says nothing, or something unknown.
    package init(_ services: [ServiceDescriptor]) throws {
        var problems: [String] = []
        for service in services {
            let isForeign = Self.openPrefixes.contains { service.name.hasPrefix($0) }
            let options = isForeign ? [:] : try Self.options(of: service)
            for method in service.methods {
                if isForeign {
                    rules[method.path] = Rule(permission: nil, callers: [], isOpen: true)
                    continue
                }
                guard let access = options[method.method] else {
                    problems.append("\(method.path) has no option (switchboard.access.v1.access)")
                    continue
                }
                for name in [access.permission, access.alternativePermission] where !name.isEmpty {
                    guard Permission(rawValue: name) == nil else { continue }
                    problems.append("\(method.path) names an unknown permission \(name)")
                }
                let rule = Rule(
                    permission: Permission(rawValue: access.permission),
                    alternative: Permission(rawValue: access.alternativePermission), callers: Set(access.callers),
                    isOpen: access.unauthenticated)
                if !rule.isOpen, rule.permission == nil, rule.callers.isEmpty {
                    problems.append("\(method.path) lets nobody in")
                }
                rules[method.path] = rule
            }
        }
        guard problems.isEmpty else { throw AccessTableError(problems: problems) }
    }

    private static func options(of service: ServiceDescriptor) throws -> [String: MethodAccess] {
        let files = try FileDescriptorSet(serialized: service.fileDescriptorSet()).file
        var found: [String: MethodAccess] = [:]
        for file in files {
            for candidate in file.service where "\(file.package ?? "").\(candidate.name ?? "")" == service.name {
                for method in candidate.method {
                    let options = method.options?.unknownFields
                    found[method.name ?? ""] = try options?.messages(optionNumber, as: MethodAccess.self).last
                }
            }
        }
        return found
    }
}

package struct AccessTableError: Error, CustomStringConvertible {
    package let problems: [String]
    package var description: String { problems.joined(separator: "; ") }
}

extension AccessTable {
    /// Every method against every built-in role, a bot, a visitor and each service: the permission matrix.
    ///
    /// One line per method, sorted: `/pkg.Service/Method agent operator admin service:channels`.
    package var matrix: [String] {
        rules.keys.sorted().map { path in
            let rule = rules[path]!
            if rule.isOpen { return "\(path) anyone" }
            let permissions = Set([rule.permission, rule.alternative].compactMap(\.self))
            let roles = Role.allCases.filter { !$0.permissions.isDisjoint(with: permissions) }.map(\.rawValue)
            let kinds = [Principal.Kind.bot, .visitor].filter { !$0.permissions.isDisjoint(with: permissions) }.map(\.rawValue)
            return ([path] + roles + kinds + rule.callers.sorted().map { "service:\($0)" }).joined(separator: " ")
        }
    }
}

extension Failure {
    static func callerDenied(_ caller: String) -> Failure {
        Failure(
            .permissionDenied, reason: "CALLER_DENIED", "\(caller) may not call this method", metadata: ["caller": caller])
    }
}
