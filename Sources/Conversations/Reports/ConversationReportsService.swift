import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// What was done, counted exactly (C63, guarantee 18).
struct ConversationReportsService: ConversationReportsServiceProtocol {
    let surroundings: Surroundings

    func getConversationReport(
        _ request: GetConversationReportRequest, _ context: ServerContext
    ) async throws -> GetConversationReportResponse {
        try surroundings.checkRequired(request)
        let query = try ReportQuery(request)
        let size = try pageSize(request.pageSize, default: 500, max: ReportQuery.rowsMax)
        let arguments = query.arguments + [try context.tenantID.text]
        let keys = try surroundings.pageTokens.keys(of: request.pageToken, count: ReportRow.keyCount, arguments: arguments)
        return try await surroundings.read(context) { work in
            let zone = query.zone.isEmpty ? try work.directory.known.reportZone : query.zone
            let rows = try await work.store.transaction.query(
                work.store.report(query, zone: zone, after: keys, limit: size + 1)
            ).map(ReportRow.init(row:))
            var response = GetConversationReportResponse(rows: rows.prefix(size).map(\.wire), timeZone: zone)
            if rows.count > size {
                response.nextPageToken = surroundings.pageTokens.token(after: rows[size - 1].keys, arguments: arguments)
            }
            return response
        }
    }
}

extension ReportRow {
    fileprivate var wire: ConversationReportRow {
        var wire = ConversationReportRow()
        wire.measure = measure.wire
        (wire.day, wire.departmentID, wire.agentID, wire.label) = (day, department, agent, label)
        wire.priority = ConversationsV1.Priority(rawValue: Int32(priority))
        wire.channel = channel?.wire ?? .unspecified
        wire.count = count
        wire.sum = times.map { GoogleProtobuf.Duration($0.sum) }
        wire.min = times.map { GoogleProtobuf.Duration($0.min) }
        wire.max = times.map { GoogleProtobuf.Duration($0.max) }
        wire.p50 = times.map { GoogleProtobuf.Duration($0.p50) }
        wire.p90 = times.map { GoogleProtobuf.Duration($0.p90) }
        return wire
    }
}
