import FoundationEssentials
import GRPC
import GoogleProtobuf
import Postgres
import ServiceRuntime
import TenancyV1

/// A tenant's data in one service, as the platform team asks for it (P2, P3).
struct TenantDataService: TenantDataServiceProtocol {
    let schema: String
    let pool: PostgresPool
    let data: TenantData

    func getTenantFigures(
        _ request: GetTenantFiguresRequest, _ context: ServerContext
    ) async throws -> GetTenantFiguresResponse {
        let tenantID = try context.tenantID
        return try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            var response = GetTenantFiguresResponse()
            for figure in data.figures {
                response.figures[figure.word] = try await transaction.query(figure.count(tenantID))[0].decode(Int64.self)
            }
            return response
        }
    }

    // MARK: - Retention

    func getRetention(_ request: GetRetentionRequest, _ context: ServerContext) async throws -> GetRetentionResponse {
        let tenantID = try context.tenantID
        return try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            let chosen = try await RetentionStore(schema: schema, transaction: transaction).chosen(by: tenantID)
            return GetRetentionResponse(rules: data.categories(of: schema).map { $0.wire(chosen: chosen[$0.word]) })
        }
    }

    func updateRetention(_ request: UpdateRetentionRequest, _ context: ServerContext) async throws -> UpdateRetentionResponse {
        let tenantID = try context.tenantID
        var violations = Violations()
        let category = data.categories(of: schema).first { $0.word == request.category }
        let words = data.categories(of: schema).map(\.word).joined(separator: ", ")
        violations.require(category != nil, "category", "is none of \(words)", reason: "UNKNOWN")
        let keep = request.keep.map { Swift.Duration($0) }
        if let category, let keep {
            let (least, most) = (category.range.lowerBound.daysText, category.range.upperBound.daysText)
            violations.require(category.range.contains(keep), "keep", "must be from \(least) to \(most)", reason: "RANGE")
        }
        try violations.check()
        guard let category else { preconditionFailure("an unknown category was let through") }
        try await pool.transaction(.tenant(tenantID)) { transaction in
            try await RetentionStore(schema: schema, transaction: transaction).choose(keep, for: category.word, of: tenantID)
        }
        return UpdateRetentionResponse(rule: category.wire(chosen: keep))
    }
}

extension TenantData {
    /// The service's own, and what every service holds.
    func categories(of schema: String) -> [RetentionCategory] {
        retention + [.events(of: schema), .storedAnswers(of: schema)]
    }
}

extension RetentionCategory {
    fileprivate func wire(chosen: Swift.Duration?) -> RetentionRule {
        RetentionRule(
            category: word, keep: (chosen ?? standard).map { GoogleProtobuf.Duration($0) }, chosen: chosen != nil,
            keepMin: GoogleProtobuf.Duration(range.lowerBound), keepMax: GoogleProtobuf.Duration(range.upperBound))
    }
}

extension Swift.Duration {
    fileprivate var daysText: String { "\(components.seconds / 86_400) days" }
}
