import Foundation
import GRPC
import RoutingV1
import ServiceRuntime
import TenancyV1

/// Asks every service about one tenant, by RPC and in the platform's name.
struct TenantTool: Sendable {
    let tenantID: UUID
    let credentials: ServiceCredentials
    /// The one that says whether the tenant may work comes last.
    let services: [(name: String, channel: GRPC.Channel)]
    let deadline: ContinuousClock.Instant

    var names: [String] { services.map(\.name) }

    func close() async {
        for service in services { await service.channel.close() }
    }

    /// One call; again while the service is away, until the deadline.
    func ask<Answer>(
        _ service: String, _ call: (GRPC.Channel, CallOptions) async throws -> Answer
    ) async throws -> Answer {
        guard let channel = services.first(where: { $0.name == service })?.channel else {
            preconditionFailure("there is no \(service)")
        }
        while true {
            do {
                return try await call(channel, options(at: service))
            } catch let error as RPCError where Self.passes(error) && ContinuousClock.now < deadline {
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private static let pause: Swift.Duration = .milliseconds(100)

    /// It is starting, or has not heard yet that the tenant is suspended.
    private static func passes(_ error: RPCError) -> Bool {
        error.code == .unavailable || error.code == .aborted || error.reason == "TENANT_NOT_SUSPENDED"
    }

    private func options(at callee: String) async throws -> CallOptions {
        var metadata = Metadata()
        metadata["authorization"] = "Bearer \(try await credentials.token(for: callee))"
        metadata[ServiceCredentials.tenantMetadata] = tenantID.text
        return CallOptions(timeout: .seconds(120), metadata: metadata)
    }
}

// MARK: - Retention

extension TenantTool {
    func retention(of service: String) async throws -> [RetentionRule] {
        try await ask(service) { try await TenantDataServiceClient($0).getRetention(GetRetentionRequest(), $1) }.rules
    }

    /// Every service that has the category is told. One that nobody has is the caller's mistake.
    func change(_ changes: [UpdateRetentionRequest]) async throws {
        var places: [(request: UpdateRetentionRequest, services: [String])] = changes.map { ($0, []) }
        for service in names {
            let categories = Set(try await retention(of: service).map(\.category))
            for index in places.indices where categories.contains(places[index].request.category) {
                places[index].services.append(service)
            }
        }
        if let unknown = places.first(where: { $0.services.isEmpty }) {
            throw TenantToolError(description: "no service keeps \(unknown.request.category)")
        }
        for (request, services) in places {
            for service in services {
                _ = try await ask(service) { try await TenantDataServiceClient($0).updateRetention(request, $1) }
            }
        }
    }
}

// MARK: - Export

extension TenantTool {
    /// Writes each table of a service to a file of its own.
    /// - Returns: how many rows each has.
    func export(from service: String, to directory: String) async throws -> [String: Int] {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try await ask(service) { channel, options in
            var options = options
            // As long as it takes: a service gives up a reader that stands still.
            options.timeout = nil
            var (rows, file) = ([String: Int](), FileHandle?.none)
            for try await piece in TenantDataServiceClient(channel).exportTenantData(ExportTenantDataRequest(), options) {
                if rows[piece.table] == nil {
                    try file?.close()
                    file = try Self.file("\(directory)/\(piece.table).jsonl")
                    rows[piece.table] = 0
                }
                try file?.write(contentsOf: Data(piece.lines))
                rows[piece.table, default: 0] += piece.lines.count { $0 == 0x0A }
            }
            try file?.close()
            return rows
        }
    }

    private static func file(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw TenantToolError(description: "\(path) cannot be written") }
        return file
    }
}

// MARK: - Deletion

extension TenantTool {
    func suspend() async throws {
        let request = SuspendTenantRequest(requestID: UUID().text)
        _ = try await ask("routing") { try await TenantsServiceClient($0).suspendTenant(request, $1) }
    }

    /// Rounds over all services until two of them found nothing: what was under way from one service to another when the first
    /// deleted its part has arrived by then.
    /// - Returns: the rows deleted, by service and table.
    func delete() async throws -> [String: [String: Int64]] {
        do {
            try await suspend()
        } catch let error as RPCError where error.reason == "TENANT_SUSPENDED" {
            // Routing does not know it any more: an earlier run came that far.
        }
        var (proof, quietRounds) = ([String: [String: Int64]](), 0)
        while quietRounds < 2 {
            var found = false
            for service in names {
                let (counts, foundHere) = try await delete(from: service)
                proof[service] = counts
                found = found || foundHere
            }
            quietRounds = found ? 0 : quietRounds + 1
            if quietRounds == 1 { try await Task.sleep(for: Self.settling) }
        }
        return proof
    }

    /// Consumers take an event within a second of its commit.
    private static let settling: Swift.Duration = .seconds(2)

    private func delete(from service: String) async throws -> ([String: Int64], found: Bool) {
        var found = false
        while true {
            let answer = try await ask(service) {
                try await TenantDataServiceClient($0).deleteTenantData(DeleteTenantDataRequest(tenantID: tenantID.text), $1)
            }
            if answer.complete { return (answer.deletedInAll, found) }
            found = true
        }
    }
}

struct TenantToolError: Error, CustomStringConvertible {
    let description: String
}
