import Foundation
import ServiceRuntime

extension Directory {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads the file's bytes and checks that everything in it refers to something in it.
    init(json: some DataProtocol) throws {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch let error as DecodingError {
            throw Malformed(description: Self.explain(error))
        }
        self.init(tenants: try file.tenants.map(Self.tenant))
    }

    private static func tenant(_ tenant: File.Tenant) throws -> Tenant {
        let departments = tenant.departments ?? []
        let known = Set(departments.map(\.id))
        for agent in tenant.agents ?? [] {
            for id in agent.departments ?? [] where !known.contains(id) {
                throw Malformed(description: "agent \(agent.id.text) names the unknown department \(id.text)")
            }
            guard (1...100).contains(agent.loadMax ?? 5), (0...1000).contains(agent.emailLoadMax ?? 20) else {
                throw Malformed(description: "agent \(agent.id.text): loadMax is 1 to 100, emailLoadMax 0 to 1000")
            }
        }
        for account in tenant.channelAccounts ?? [] {
            if let id = account.department, !known.contains(id) {
                throw Malformed(description: "channel account \(account.id.text) names the unknown department \(id.text)")
            }
            if (account.kind == "webchat") != (account.widgetKey != nil) {
                throw Malformed(description: "channel account \(account.id.text): web chat, and only web chat, has a widgetKey")
            }
        }
        return Tenant(
            id: tenant.id, name: tenant.name, seesAllDepartments: tenant.queueVisibility == "all",
            departments: Dictionary(departments.map { ($0.id, $0.department) }, uniquingKeysWith: { _, last in last }),
            defaultDepartmentID: departments.first { $0.default ?? false }?.id,
            agents: Dictionary(try (tenant.agents ?? []).map { ($0.id, try $0.agent) }, uniquingKeysWith: { _, last in last }),
            channelAccounts: try (tenant.channelAccounts ?? []).map { try $0.seed })
    }

    private static func explain(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context)) lacks \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(path(context)): \(context.debugDescription)"
        case .dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
        @unknown default: "unreadable"
        }
    }
}

/// The file's form.
private struct File: Decodable {
    var tenants: [Tenant]

    struct Tenant: Decodable {
        var id: UUID
        var name: String
        var queueVisibility: String?
        var departments: [Department]?
        var agents: [Agent]?
        var channelAccounts: [ChannelAccount]?
    }

    struct Department: Decodable {
        var id: UUID
        var name: String
        var `default`: Bool?
        var acceptMode: String?
        var pendingLimit: Int?
        var onDisconnect: String?

        var department: Directory.Department {
            Directory.Department(
                id: id, name: name, acceptsOnReply: acceptMode == "on_reply", pendingLimit: pendingLimit,
                requeuesOnDisconnect: onDisconnect == "requeue_front")
        }
    }

    struct Agent: Decodable {
        var id: UUID
        var name: String
        var role: String
        var departments: [UUID]?
        var loadMax: Int32?
        var emailLoadMax: Int32?

        var agent: Directory.Agent {
            get throws {
                guard let role = Viewer<UUID>.Role(rawValue: role) else {
                    throw Directory.Malformed(description: "agent \(id.text): role is agent, operator or admin")
                }
                return Directory.Agent(
                    id: id, name: name, role: role, departmentIDs: Set(departments ?? []), loadMax: loadMax ?? 5,
                    emailLoadMax: emailLoadMax ?? 20)
            }
        }
    }

    struct ChannelAccount: Decodable {
        var id: UUID
        var kind: String
        var name: String
        var department: UUID?
        var widgetKey: String?
        var allowedOrigins: [String]?
        var identityEnforced: Bool?
        var identitySecret: String?

        var seed: Directory.AccountSeed {
            get throws {
                guard let kind = ChannelKind(rawValue: kind) else {
                    throw Directory.Malformed(description: "channel account \(id.text): unknown kind \(kind)")
                }
                return Directory.AccountSeed(
                    id: id, kind: kind, name: name, departmentID: department, widgetKey: widgetKey,
                    allowedOrigins: allowedOrigins ?? [], identityEnforced: identityEnforced ?? false,
                    identitySecret: identitySecret)
            }
        }
    }
}
