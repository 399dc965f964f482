import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceDatabase
import ServiceRuntime
import TicketsV1
import WallTime
import WorkingTime

/// What was done with tickets, and what was promised and kept, counted exactly (C63); who set what (P7).
struct TicketReportsService: TicketReportsServiceProtocol {
    let surroundings: Surroundings

    func getTicketReport(_ request: GetTicketReportRequest, _ context: ServerContext) async throws -> GetTicketReportResponse {
        var query = try TicketReportQuery(request)
        if request.timeZone.isEmpty, let zone = try await surroundings.known.timeZone(of: context.tenantID) { query.use(zone) }
        let limit = try pageSize(request.pageSize, default: 500, max: TicketReportQuery.rowsMax)
        let arguments = query.arguments + [try context.tenantID.text]
        let keys = try surroundings.pageTokens.keys(of: request.pageToken, count: TicketReportLine.keyCount, arguments: arguments)
        return try await surroundings.read(context) { work in
            let found = try await work.store.transaction.query(
                work.store.report(query, after: keys, limit: limit + 1)
            ).map(TicketReportLine.init(row:))
            var response = GetTicketReportResponse(rows: found.prefix(limit).map(\.wire), timeZone: query.zone)
            if found.count > limit {
                response.nextPageToken = surroundings.pageTokens.token(after: found[limit - 1].keys, arguments: arguments)
            }
            return response
        }
    }

    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, surroundings.pageTokens, pageMax: 100)
        let (entries, token): ([AuditEntry], String) = try await surroundings.read(context) { work in
            try await AuditTrail(schema: Surroundings.schema).page(
                query, of: work.tenantID, in: work.transaction, surroundings.pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}

/// What a report is asked for, parsed.
struct TicketReportQuery: Sendable {
    enum Dimension: String, CaseIterable, Sendable {
        case day, department, agent, channel, label, priority
    }

    static let lengthMax: Swift.Duration = .seconds(400 * 86_400)
    static let (idsMax, channelsMax, rowsMax) = (100, 20, 1_000)

    var measures: Set<TicketMeasure> = []
    var start: Instant
    var end: Instant
    /// Whose days are meant.
    var zone: String
    var dimensions: Set<Dimension> = []
    var departmentIDs: [UUID]
    var agentIDs: [UUID]
    var channels: [String] = []
    var labels: [String]
    var priorityIDs: [UUID] = []

    init(_ request: GetTicketReportRequest) throws {
        var violations = Violations()
        measures = Set(
            violations.known(request.measures, "measures", max: TicketMeasure.allCases.count) { wire in
                TicketMeasure.allCases.first { $0.wire == wire }
            })
        if measures.isEmpty { measures = Set(TicketMeasure.allCases) }
        violations.require(request.startTime != nil, "start_time", "is required", reason: "REQUIRED")
        violations.require(request.endTime != nil, "end_time", "is required", reason: "REQUIRED")
        start = Instant(request.startTime ?? Timestamp())
        end = Instant(request.endTime ?? Timestamp())
        violations.require(start <= end, "end_time", "lies before start_time")
        violations.require(start.duration(to: end) <= Self.lengthMax, "end_time", "is more than 400 days after start_time")
        zone = request.timeZone.isEmpty ? "UTC" : violations.text(request.timeZone, "time_zone", 0...64)
        violations.require((try? ZoneRules(zone)) != nil, "time_zone", "is no time zone")
        dimensions = Set(violations.known(request.dimensions, "dimensions", max: Dimension.allCases.count, Dimension.init))
        departmentIDs = violations.ids(request.departmentIDs, "department_ids", max: Self.idsMax)
        agentIDs = violations.ids(request.agentIDs, "agent_ids", max: Self.idsMax)
        violations.count(request.channels, "channels", max: Self.channelsMax)
        channels = request.channels.prefix(Self.channelsMax).enumerated().map { index, channel in
            violations.text(channel, "channels[\(index)]", 1...60)
        }
        violations.count(request.labels, "labels", max: TicketFields.labelsMax)
        labels = request.labels.prefix(TicketFields.labelsMax).enumerated().map { index, label in
            violations.text(label, "labels[\(index)]", 1...TicketFields.labelMax)
        }
        priorityIDs = violations.ids(request.priorityIDs, "priority_ids", max: Self.idsMax)
        try violations.check()
    }

    /// The tenant's days are meant (C59), unless this system does not know its zone.
    mutating func use(_ tenantZone: String) {
        if (try? ZoneRules(tenantZone)) != nil { zone = tenantZone }
    }

    /// What the next page must repeat.
    var arguments: [String] {
        [
            "GetTicketReport", measures.map(\.rawValue).sorted().joined(separator: ","), "\(start.microseconds)",
            "\(end.microseconds)", zone, dimensions.map(\.rawValue).sorted().joined(separator: ","),
            departmentIDs.map(\.text).joined(separator: ","), agentIDs.map(\.text).joined(separator: ","),
            channels.joined(separator: "\u{1F}"), labels.joined(separator: "\u{1F}"),
            priorityIDs.map(\.text).joined(separator: ","),
        ]
    }
}

// MARK: - Words of the contract

extension TicketReportQuery.Dimension {
    init?(_ wire: TicketReportDimension) {
        switch wire {
        case .day: self = .day
        case .department: self = .department
        case .agent: self = .agent
        case .channel: self = .channel
        case .priority: self = .priority
        case .label: self = .label
        case .unspecified, .unrecognized: return nil
        }
    }
}

extension TicketMeasure {
    var wire: TicketsV1.TicketMeasure {
        switch self {
        case .volume: .volume
        case .resolution: .resolution
        case .firstResponseSLA: .firstResponseSla
        case .nextResponseSLA: .nextResponseSla
        case .resolutionSLA: .resolutionSla
        }
    }
}

extension TicketReportLine {
    fileprivate var wire: TicketReportRow {
        TicketReportRow(
            measure: measure.wire, day: day, departmentID: department, agentID: agent, label: label, count: count,
            attainedCount: attained, sum: times.map { GoogleProtobuf.Duration($0.sum) },
            min: times.map { GoogleProtobuf.Duration($0.min) }, max: times.map { GoogleProtobuf.Duration($0.max) },
            p50: times.map { GoogleProtobuf.Duration($0.p50) }, p90: times.map { GoogleProtobuf.Duration($0.p90) },
            channel: channel, priorityID: priority)
    }
}
