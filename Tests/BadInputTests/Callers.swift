import Foundation
import GRPC
import ServiceRuntime
import WallTime

/// One of each kind of caller, with the metadata that says so.
struct Callers: Sendable {
    static let serviceNames = [
        "channels", "contacts", "conversations", "gateway", "routing", "switchboard", "templates", "tickets",
    ]

    /// "viewer", "visitor", "service:channels": the words of the permission matrix.
    let names: [String]
    private let keys: LocalKeys
    private let credentials: [String: ServiceCredentials]
    private let tokens: [String: String]
    private let expired: [String: String]

    init(_ keys: LocalKeys) async throws {
        self.keys = keys
        credentials = try Self.serviceNames.reduce(into: [:]) { all, name in
            all[name] = try ServiceCredentials(
                service: name, key: String(contentsOfFile: keys.privateKey(of: name), encoding: .utf8))
        }
        var (tokens, expired): ([String: String], [String: String]) = ([:], [:])
        for role in Role.allCases.map(\.rawValue) + ["nobody"] {
            for lifetime in [3_600, -3_600] as [Int64] {
                let token = try await keys.agentToken(
                    tenantID: People.own.id, agentID: People.own.agent, name: "Ana", roles: [role],
                    lifetime: .seconds(lifetime))
                if lifetime > 0 { tokens[role] = token } else { expired[role] = token }
            }
        }
        for (kind, issuer) in [(Principal.Kind.bot, "routing"), (.integrator, "routing"), (.visitor, "conversations")] {
            for lifetime in [3_600, -3_600] as [Int64] {
                let claims = TokenClaims(
                    issuer: issuer, audience: [LocalKeys.audience], subject: People.own.visitor.text, kind: kind,
                    tenantID: People.own.id, visitorID: kind == .visitor ? People.own.visitor.text : nil,
                    accountID: kind == .visitor ? People.own.account.text : nil, issued: .now,
                    expires: Instant.now.advanced(by: .seconds(lifetime)))
                let token = try await credentials[issuer]!.sign(claims)
                if lifetime > 0 { tokens[kind.rawValue] = token } else { expired[kind.rawValue] = token }
            }
        }
        self.tokens = tokens
        self.expired = expired
        names = tokens.keys.sorted() + Self.serviceNames.map { "service:\($0)" }
    }

    /// The metadata of a call by this caller to this service; nothing for "anyone".
    func metadata(_ name: String, to callee: String, tenant: UUID = People.own.id) async throws -> Metadata {
        var metadata = Metadata()
        if name.hasPrefix("service:") {
            let token = try await credentials[String(name.dropFirst("service:".count))]!.token(for: callee)
            metadata["authorization"] = "Bearer \(token)"
            metadata[ServiceCredentials.tenantMetadata] = tenant.text
        } else if let token = tokens[name] {
            metadata["authorization"] = "Bearer \(token)"
        }
        return metadata
    }

    /// The same with a token that ended an hour ago.
    func expiredMetadata(_ name: String, to callee: String) async throws -> Metadata {
        var metadata = Metadata()
        if name.hasPrefix("service:") {
            let service = String(name.dropFirst("service:".count))
            let claims = TokenClaims(
                issuer: service, audience: [callee], subject: service, kind: .service,
                issued: Instant.now.advanced(by: .seconds(-7_200)), expires: Instant.now.advanced(by: .seconds(-3_600)))
            metadata["authorization"] = "Bearer \(try await credentials[service]!.sign(claims))"
        } else {
            metadata["authorization"] = "Bearer \(expired[name] ?? expired["admin"]!)"
        }
        return metadata
    }

    /// An administrator of a tenant.
    func admin(of tenant: People.Tenant) async throws -> Metadata {
        try await agent(tenant.agent, of: tenant, role: "admin")
    }

    /// Somebody who works for a tenant.
    func agent(_ id: UUID, of tenant: People.Tenant, role: String) async throws -> Metadata {
        let token = try await keys.agentToken(tenantID: tenant.id, agentID: id, name: "Bob", roles: [role])
        return ["authorization": "Bearer \(token)"]
    }
}
