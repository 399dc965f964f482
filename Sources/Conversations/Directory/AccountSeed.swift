import Foundation
import ServiceRuntime

/// A channel account that is made at start, if it is not there; afterwards the database holds it. The file that
/// SWITCHBOARD_DIRECTORY_FILE names is the one from which `switchboard seed` brings tenants, departments and agents into
/// routing; conversations reads the channel accounts in it:
///
/// ```json
/// {"tenants": [{
///     "id": "0198c0de-0000-7000-8000-000000000001",
///     "channelAccounts": [{
///         "id": "…", "kind": "webchat", "name": "Web chat", "department": "…", "widgetKey": "wk_demo",
///         "allowedOrigins": ["http://127.0.0.1:8080"], "identityEnforced": false, "identitySecret": "…",
///         "bot": "…", "botDepartment": "…", "botMethod": "least_busy"
///     }]
/// }]}
/// ```
///
/// `channelName` goes with kind `other`, and with it alone.
///
/// `department` (the default one), `allowedOrigins` (none), `identityEnforced` (false), `identitySecret` (none), `bot` (none),
/// `botDepartment` and `botMethod` (as without a bot) may be left out.
struct AccountSeed: Sendable {
    var tenantID: UUID
    var id: UUID
    var kind: ChannelKind
    var name: String
    var departmentID: UUID?
    var widgetKey: String?
    var allowedOrigins: [String] = []
    var identityEnforced = false
    var identitySecret: String?
    var botID: UUID?
    var botDepartmentID: UUID?
    var botMethod: RouteMethod?
    /// Of kind `other` alone (C3).
    var channelName = ""

    var rules: ChannelRules {
        var rules = ChannelRules.standard(for: kind)
        rules.channelName = channelName
        return rules
    }
}

extension AccountSeed {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads the file's bytes.
    static func read(json: some DataProtocol) throws -> [AccountSeed] {
        do {
            let file = try JSONDecoder().decode(File.self, from: Data(json))
            return try file.tenants.flatMap { tenant in
                try (tenant.channelAccounts ?? []).map { try $0.seed(of: tenant.id) }
            }
        } catch let error as DecodingError {
            throw Malformed(description: Self.explain(error))
        }
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

/// The file's form, as far as it is read here.
private struct File: Decodable {
    var tenants: [Tenant]

    struct Tenant: Decodable {
        var id: UUID
        var channelAccounts: [ChannelAccount]?
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
        var bot: UUID?
        var botDepartment: UUID?
        var botMethod: String?
        var channelName: String?

        func seed(of tenantID: UUID) throws -> AccountSeed {
            guard let channel = ChannelKind(rawValue: kind) else {
                throw AccountSeed.Malformed(description: "channel account \(id.text): unknown kind \(kind)")
            }
            if (channel == .webchat) != (widgetKey != nil) {
                throw AccountSeed.Malformed(
                    description: "channel account \(id.text): web chat, and only web chat, has a widgetKey")
            }
            let nameOfOwn = channelName ?? ""
            if (channel == .other) != !nameOfOwn.isEmpty || nameOfOwn.count > ChannelRules.nameMax {
                throw AccountSeed.Malformed(
                    description: "channel account \(id.text): kind other, and only it, has a channelName of at most 40 characters"
                )
            }
            let method = botMethod.flatMap(RouteMethod.init(rawValue:))
            if botMethod != nil, method == nil {
                throw AccountSeed.Malformed(description: "channel account \(id.text): unknown botMethod")
            }
            return AccountSeed(
                tenantID: tenantID, id: id, kind: channel, name: name, departmentID: department, widgetKey: widgetKey,
                allowedOrigins: allowedOrigins ?? [], identityEnforced: identityEnforced ?? false,
                identitySecret: identitySecret, botID: bot, botDepartmentID: botDepartment, botMethod: method,
                channelName: nameOfOwn)
        }
    }
}
